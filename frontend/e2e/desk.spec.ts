/** The circle that improves a bot: asked in vain, found at the desk, mended, published, and asked again. */
import { Chat } from "./chat";
import { expect, test } from "./test";

const ASKED = "고등학생인데 장사해도 돼요?";
const CONTENT = "미성년자도 판매자로 가입할 수 있나요?";
const ANSWER = "법정대리인 동의서";

test("what was refused becomes a similar title, passes the gate, and is answered", async ({ operators, context }) => {
  const { page, dialog } = operators;
  await operators.call("POST", "/golden", { question: CONTENT, faq_ids: ["join-011"] });
  const customer = new Chat(await context.newPage(), operators.address);
  await customer.open();
  await customer.askAndRead(ASKED);
  await expect(customer.last).not.toContainText(ANSWER);

  await page.bringToFront();
  await operators.open("개선");
  await page.getByRole("table").getByRole("link", { name: ASKED, exact: true }).click();
  await operators.heading(ASKED);
  await expect(page.getByRole("checkbox", { name: ASKED, exact: true })).toBeChecked();
  await operators.button(`‘${CONTENT}’에 비슷한 제목으로 추가`).click();
  await expect(page.getByText("1개 중 1개에 답할 수 있어요. (지금은 0개)")).toBeVisible();

  await page.getByRole("link", { name: "콘텐츠를 열어 검토하고 게시하기" }).click();
  await operators.heading(CONTENT);
  await expect(page.getByRole("textbox", { name: "비슷한 제목" })).toHaveValue(ASKED);
  await operators.button("게시").click();
  await expect(operators.inDialog("게시")).toBeEnabled();
  await expect(dialog.getByText("나빠짐")).toHaveCount(0);
  await operators.inDialog("게시").click();
  await expect(page.getByText("1개를 게시했습니다")).toBeVisible();

  await customer.page.bringToFront();
  await expect(async () => {
    await customer.askAndRead(ASKED);
    await expect(customer.last).toContainText(ANSWER, { timeout: 500 });
  }).toPass(); // within two seconds
});
