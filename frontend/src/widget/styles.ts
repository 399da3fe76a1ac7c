/** The styles of the launcher and the panel. They stand in a shadow root, where no rule of the page meets them. */
import type { Options } from "./options";

/** `:host` is in the page's reach, so it says `!important`, which from inside wins over the page's (CSS Scoping, 3.3). */
export function styles({ color, position }: Options): string {
  return `
:host{all:initial!important;color-scheme:light dark!important}
[hidden]{display:none!important}
*{box-sizing:border-box;font:15px/1.5 "Pretendard","Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",sans-serif;word-break:keep-all}
button{border:0;margin:0;cursor:pointer}
button:focus-visible{outline:3px solid ${color};outline-offset:3px;box-shadow:0 0 0 3px #fff}
.launcher,.panel{position:fixed;z-index:2147483000;${position}:max(20px,env(safe-area-inset-${position}))}
.launcher{bottom:max(20px,env(safe-area-inset-bottom));display:flex;align-items:center;gap:8px;min-width:56px;height:56px;max-width:calc(100vw - 40px);padding:0 16px;border-radius:28px;background:${color};color:${inkOn(color)};box-shadow:0 4px 16px #0004}
.launcher span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:600}
svg{width:24px;height:24px;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
[aria-expanded=false] path+path,[aria-expanded=true] path:first-child{display:none}
.panel{bottom:calc(max(20px,env(safe-area-inset-bottom)) + 68px);width:400px;max-width:calc(100vw - 40px);height:min(680px,calc(100vh - 108px));overflow:hidden;border-radius:16px;background:#f7f7f5;color:#1c1f1d;box-shadow:0 8px 40px #0005;overscroll-behavior:contain}
.panel:focus{outline:0}
iframe{display:block;width:100%;height:100%;border:0}
.wait{position:absolute;inset:0;display:grid;place-content:center;justify-items:center;gap:16px;padding:24px;text-align:center}
.wait p{margin:0}
.retry{padding:8px 16px;border-radius:12px;background:${color};color:${inkOn(color)}}
.close{position:absolute;top:6px;right:8px;display:grid;place-content:center;width:36px;height:36px;background:none;color:inherit}
@media (max-width:479.98px){.panel{inset:0;width:100%;max-width:none;height:100%;border-radius:0}.launcher[aria-expanded=true]{visibility:hidden}}
@media (prefers-color-scheme:dark){.panel{background:#141615;color:#e9ebe9}}
@media (prefers-reduced-motion:no-preference){.panel{animation:rise .18s ease-out}@keyframes rise{from{opacity:0;transform:translateY(12px)}}}
@media print{.launcher,.panel{display:none}}`;
}

/** White or black, whichever can be read better on a colour ("Web Content Accessibility Guidelines" 2.2, 1.4.3). */
export function inkOn(color: string): string {
  const digits = color.length === 4 ? color.replace(/[^#]/g, "$&$&") : color;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
}
