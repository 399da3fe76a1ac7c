/** A network between the page and haedap that a test can cut: a browser's own "offline" lets running streams go on. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Line {
  private readonly sockets = new Set<Socket>();
  private cutOff = false;
  private readonly server: Server;

  private constructor(port: number) {
    this.server = createServer((near) => {
      if (this.cutOff) return void near.destroy();
      const far = connect(port, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.pipe(other);
        one.on("close", () => {
          this.sockets.delete(one);
          other.destroy();
        });
        one.on("error", () => one.destroy()); // that it was reset is what the test is about
      }
    });
  }

  /** A line to a server. */
  static async to(address: string): Promise<Line> {
    const line = new Line(Number(new URL(address).port));
    await new Promise<void>((ready) => line.server.listen(0, "127.0.0.1", ready));
    return line;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Drop every connection, and take no other. */
  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.cutOff = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.server.close(closed));
  }
}
