/** Another company's site: pages of another origin, with a strict policy and styles that would spoil what they reach. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Hits whatever a page's own rules can hit: only a shadow root and a frame are out of their reach. */
const STYLES = `
* { box-sizing: content-box !important; letter-spacing: .3em !important; text-transform: uppercase !important; }
button, svg, iframe, [role=dialog], [hidden] { display: none !important; color: red !important; }
haedap-widget { display: none !important; position: absolute !important; opacity: .1 !important; transform: scale(3) !important; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem; font: 18px/1.6 serif; background: #fffbe8; color: #222; }
header { border-bottom: 1px solid #ccc; } a { color: #7a1f5c; }`;

/** What is fair to a widget: for pictures. */
const CALM = `
body { margin: 0 auto; max-width: 62rem; padding: 2rem; font: 16px/1.7 "Noto Sans CJK KR", sans-serif; color: #222; }
header { border-bottom: 1px solid #ccc; } a { color: #1f4e8c; } li { margin: .4rem 0; }`;

const PAGE = (script: string, styles: string) => `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>가온마켓 판매자센터</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="${styles}"></head>
<body><header><h1>가온마켓 판매자센터</h1></header>
<main><p>안녕하세요, 사장님. 오늘 새로 들어온 주문은 12건입니다.</p>
<ul><li><a href="/orders">주문 관리</a></li><li><a href="/products">상품 관리</a></li>
<li><a href="/settlements">정산 관리</a></li><li><a href="/join">입점 심사 현황</a></li></ul></main>
${script}</body></html>`;

export class Shop {
  private constructor(private readonly server: Server) {}

  /** Serve it. Its pages: `/` has the widget, `/bare` has none, `/framed` frames haedap without leave of its script. */
  static async open(haedap: () => string): Promise<Shop> {
    const server = createServer(({ url = "/" }, response) => {
      const { pathname, searchParams } = new URL(url, "http://shop");
      if (pathname.endsWith(".css")) {
        response.writeHead(200, { "Content-Type": "text/css" });
        return void response.end(pathname === "/calm.css" ? CALM : STYLES);
      }
      const own = haedap();
      const script = `<script src="${own}/widget.js" data-bot="${searchParams.get("bot") ?? "shop"}" async></script>`;
      const frame = `<iframe title="해답" src="${own}${searchParams.get("path") ?? "/"}"></iframe>`;
      const body = pathname === "/framed" ? frame : pathname === "/bare" ? "" : script;
      response.writeHead(200, {
        "Content-Type": "text/html",
        "Content-Security-Policy":
          `default-src 'none'; style-src 'self'; script-src ${own}; connect-src ${own}; frame-src ${own}; ` +
          "require-trusted-types-for 'script'; trusted-types 'none'",
      });
      response.end(PAGE(body, searchParams.has("calm") ? "/calm.css" : "/shop.css"));
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return new Shop(server);
  }

  /** Its origin that the bot allows. */
  get allowed(): string {
    return `http://localhost:${this.port}`;
  }

  /** The same pages at an origin that the bot does not allow. */
  get refused(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}
