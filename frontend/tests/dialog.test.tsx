/** Dialogs: which one closes, and by what. */
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Dialog } from "../src/ui/Dialog";

test("Escape closes the top one of two, and not the one below it", () => {
  const closeBelow = vi.fn();
  const closeTop = vi.fn();
  render(
    <Dialog place="left" title="아래" onClose={closeBelow}>
      <Dialog place="centre" title="위" onClose={closeTop}>
        글
      </Dialog>
    </Dialog>,
  );
  const escaped = new Event("cancel", { cancelable: true });
  fireEvent(screen.getByRole("dialog", { name: "위" }), escaped);
  expect(closeTop).toHaveBeenCalledOnce();
  expect(closeBelow).not.toHaveBeenCalled();
  expect(escaped.defaultPrevented).toBe(true);
  fireEvent(screen.getByRole("dialog", { name: "아래" }), new Event("cancel", { cancelable: true }));
  expect(closeBelow).toHaveBeenCalledOnce();
});

test("a click on the backdrop closes it; a selection that is dragged out there does not", async () => {
  const close = vi.fn();
  render(
    <Dialog place="centre" title="대화" onClose={close}>
      <p>글</p>
    </Dialog>,
  );
  const dialog = screen.getByRole("dialog");
  fireEvent.pointerDown(screen.getByText("글"));
  fireEvent.pointerUp(dialog);
  fireEvent.click(dialog); // where what was pressed and what was let go meet
  expect(close).not.toHaveBeenCalled();
  await userEvent.click(dialog);
  expect(close).toHaveBeenCalledOnce();
});
