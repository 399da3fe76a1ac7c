/** What jsdom lacks of a browser, and what every test is cleaned of. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

class NoLayout implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

if (typeof window !== "undefined") {
  window.ResizeObserver ??= NoLayout;
  window.matchMedia ??= (media) => Object.assign(new EventTarget(), { matches: true, media }) as MediaQueryList;
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
    this.open = false;
  };
  afterEach(() => {
    cleanup();
    sessionStorage.clear();
  });
}
