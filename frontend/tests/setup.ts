/** What jsdom lacks of a browser, and what every test is cleaned of. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// There are no styles here, so nothing is hidden: not to look for it is several times as fast
configure({ defaultHidden: true, asyncUtilTimeout: 20_000 }); // a page that is imported on the way

class NoLayout implements ResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

if (typeof window !== "undefined") {
  window.ResizeObserver ??= NoLayout;
  window.reportError ??= (error) => {
    setTimeout(() => {
      throw error; // fails the test
    });
  };
  window.matchMedia ??= (media) => Object.assign(new EventTarget(), { matches: true, media }) as MediaQueryList;
  CSSStyleSheet.prototype.replaceSync ??= () => {};
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
