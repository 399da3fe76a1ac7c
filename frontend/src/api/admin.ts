/** Operators' calls: each path with its parameters, body and answer as the API's own document has them. */
import { ApiError } from "./errors";
import type { operations, paths } from "./schema";

type Method = "get" | "post" | "put" | "delete";
type AdminPath = Extract<keyof paths, `/v1/admin/${string}`>;
type Operation = operations[keyof operations];
type At<P extends AdminPath, M extends Method> = Extract<paths[P][M], Operation>;
type PathOf<M extends Method> = { [P in AdminPath]: [At<P, M>] extends [never] ? never : P }[AdminPath];

type Part<Name extends string, T> = [NonNullable<T>] extends [never]
  ? unknown
  : undefined extends T
    ? { [K in Name]?: NonNullable<T> }
    : { [K in Name]: T };
type Body<O> = O extends { requestBody: { content: { "application/json": infer T } } } ? T : never;
type Options<O extends Operation> = Part<"path", O["parameters"]["path"]> &
  Part<"query", O["parameters"]["query"]> &
  Part<"body", Body<O>>;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
type Answer<O extends Operation> = O["responses"] extends { 200: infer R }
  ? Json<R>
  : O["responses"] extends { 201: infer R }
    ? Json<R>
    : undefined;
type Rest<T> = Record<never, never> extends T ? [options?: T] : [options: T];

interface Given {
  path?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  /** Sent as it is. */
  file?: Blob;
}

/** A file that the API writes, with the name that it gives it. */
export interface Saved {
  name: string;
  blob: Blob;
}

/** haedap's operators' API, called with one operator's key. */
export class AdminApi {
  private refused: ApiError | null = null;

  constructor(
    private key: string,
    private readonly origin: string = location.origin,
  ) {}

  /** Go on with another key, once one was refused. */
  renew(key: string): void {
    this.key = key;
    this.refused = null;
  }

  get<P extends PathOf<"get">>(path: P, ...[options]: Rest<Options<At<P, "get">>>): Promise<Answer<At<P, "get">>> {
    return this.json("GET", path, options);
  }

  post<P extends PathOf<"post">>(path: P, ...[options]: Rest<Options<At<P, "post">>>): Promise<Answer<At<P, "post">>> {
    return this.json("POST", path, options);
  }

  put<P extends PathOf<"put">>(path: P, ...[options]: Rest<Options<At<P, "put">>>): Promise<Answer<At<P, "put">>> {
    return this.json("PUT", path, options);
  }

  delete<P extends PathOf<"delete">>(
    path: P,
    ...[options]: Rest<Options<At<P, "delete">>>
  ): Promise<Answer<At<P, "delete">>> {
    return this.json("DELETE", path, options);
  }

  /** Send a file to a call that takes one. */
  upload<P extends PathOf<"post">>(
    path: P,
    file: Blob,
    ...[options]: Rest<Options<At<P, "post">>>
  ): Promise<Answer<At<P, "post">>> {
    return this.json("POST", path, { ...(options as Given | undefined), file });
  }

  /**
   * A file, whole. The key goes in a header, so that a plain link could not fetch it. One that is packed (`gzip: true`)
   * is unpacked here: its end says that nothing is missing, which no other response without a length does everywhere.
   */
  async file<P extends PathOf<"get">>(path: P, ...[options]: Rest<Options<At<P, "get">>>): Promise<Saved> {
    const response = await this.send("GET", path, options as Given | undefined);
    const name = response.headers.get("Content-Disposition")?.match(/filename="([^"]+)"/)?.[1] ?? "haedap";
    const packed = response.headers.get("Content-Type") === "application/gzip" ? response.body : null;
    const file = packed ? new Response(packed.pipeThrough(new DecompressionStream("gzip"))) : response;
    const blob = await file.blob().catch((cause: unknown) => {
      throw ApiError.brokenOff(cause);
    });
    return { name: packed ? name.replace(/\.gz$/, "") : name, blob };
  }

  private async json<T>(method: string, path: string, given: unknown): Promise<T> {
    const response = await this.send(method, path, given as Given | undefined);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  private async send(method: string, path: string, given: Given = {}): Promise<Response> {
    if (this.refused) throw this.refused; // a key that is sent again and again counts as an attack
    const body = given.file ?? (given.body === undefined ? undefined : JSON.stringify(given.body));
    const type = given.file ? "application/octet-stream" : "application/json";
    const response = await fetch(this.address(path, given), {
      method,
      headers: { Authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { "Content-Type": type }) },
      credentials: "omit",
      ...(body === undefined ? {} : { body }),
    }).catch((cause: unknown) => {
      throw ApiError.unreachable(cause);
    });
    if (response.ok) return response;
    const error = await ApiError.of(response);
    if (error.status === 401) this.refused = error;
    throw error;
  }

  private address(path: string, { path: named = {}, query = {} }: Given): URL {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(named[name] ?? ""));
    const address = new URL(filled, this.origin);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null && value !== "") address.searchParams.set(name, String(value));
    }
    return address;
  }
}
