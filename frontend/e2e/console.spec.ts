/** Operators' console in front of the real haedap. */
import { readFile } from "node:fs/promises";
import { expectAccessible } from "./axe";
import { OWNER_KEY } from "./processes";
import { expect, test } from "./test";

test("a wrong key is refused kindly, and a right one gets in", async ({ operators }) => {
  await operators.signIn("ha_not_a_key_of_anybody");
  await expect(operators.page.getByRole("alert")).toContainText("키가 맞지 않거나 폐기되었습니다");
  await operators.signIn();
  await operators.heading("콘텐츠");
  await operators.page.reload();
  await operators.heading("콘텐츠"); // the key is kept for the tab
});

test("a content that is edited and published is what customers find", async ({ operators }) => {
  const { page, address } = operators;
  const asked = "이니셜 새김 주문을 받는 법";
  const search = async () => {
    const response = await page.request.get(`${address}/v1/faqs/search`, { params: { q: asked } });
    const { contents } = (await response.json()) as { contents: { faq_id: string; matched_subject: string }[] };
    return `${contents[0]?.faq_id} ${contents[0]?.matched_subject}`;
  };
  await operators.open("콘텐츠");
  await operators.openContent("구매자가 문구를 직접 적는 각인 옵션을 넣고 싶어요");
  await page.getByRole("textbox", { name: "비슷한 제목" }).fill(asked);
  await page.getByRole("tab", { name: "변경 내용" }).click();
  await expect(page.getByRole("tabpanel")).toContainText(asked);
  await operators.button("초안 저장").click();
  await expect(page.getByText("수정 초안")).toBeVisible();
  expect(await search()).not.toContain(asked); // nobody is answered from a draft

  await operators.button("게시").click();
  await expect(operators.inDialog("게시")).toBeEnabled();
  await operators.inDialog("게시").click();
  await expect(page.getByText("1개를 게시했습니다")).toBeVisible();
  await expect.poll(search).toBe(`prod-007 ${asked}`);
});

test("what would lose a golden question is not published without a second yes", async ({ operators }) => {
  const { page, dialog } = operators;
  const title = "품절된 상품을 다시 판매하려면 어떻게 하나요?";
  await operators.call("POST", "/golden", { question: "품절을 풀고 다시 팔려면요?", faq_ids: ["prod-010"] });
  await operators.call("POST", "/golden", { question: title, faq_ids: ["prod-010"] });
  await operators.open("콘텐츠");
  await operators.openContent(title);
  await operators.button("삭제").click();
  await operators.inDialog("삭제").click();
  await expect(page.getByText("삭제 예정", { exact: true })).toBeVisible();

  await operators.button("게시").click();
  await expect(dialog.getByText("나빠짐").first()).toBeVisible();
  await expect(dialog).toContainText(title);
  await expect(operators.inDialog("그래도 게시")).toBeDisabled();
  await dialog.getByRole("checkbox").check();
  await expect(operators.inDialog("그래도 게시")).toBeEnabled();
  await operators.inDialog("취소").click();
  await operators.button("초안 버리기").click();
  await operators.inDialog("초안 버리기").click();
  await expect(page.getByText("삭제 예정", { exact: true })).toBeHidden();
});

const PLACES = [
  "콘텐츠",
  "기준 질문",
  "지표",
  "질문 기록",
  "개선",
  "질문해 보기",
  "챗봇 설정",
  "버전",
  "API 소스 작업실",
  "프로그램 키",
  "챗봇 목록",
  "운영자 키",
  "변경 기록",
];

test("a key that is revoked in the middle of an edit loses nothing that was typed", async ({ operators, request }) => {
  const { page, dialog, address } = operators;
  const owner = { Authorization: `Bearer ${OWNER_KEY}` };
  const keys = `${address}/v1/admin/keys`;
  const made = await request.post(keys, { headers: owner, data: { name: "상담팀", role: "editor" } });
  const { key, key_id } = (await made.json()) as { key: string; key_id: string };
  await operators.signIn(key);
  await operators.goTo("기준 질문");
  await operators.button("기준 질문 추가").click();
  await dialog.getByRole("textbox", { name: "질문", exact: true }).fill("가입비가 있나요?");
  await request.delete(`${keys}/${key_id}`, { headers: owner });
  await expect(async () => {
    const me = await request.get(`${address}/v1/admin/me`, { headers: { Authorization: `Bearer ${key}` } });
    expect(me.status()).toBe(401);
  }).toPass(); // within two seconds
  await operators.inDialog("저장").click();
  const signIn = page.getByRole("dialog", { name: "운영자 로그인" });
  await signIn.getByLabel("운영자 키", { exact: true }).fill(OWNER_KEY);
  await page.keyboard.press("Enter");
  await expect(signIn).toHaveCount(0);
  await expect(dialog.getByRole("textbox", { name: "질문", exact: true })).toHaveValue("가입비가 있나요?");
  await operators.inDialog("저장").click();
  await expect(page.getByRole("cell", { name: "가입비가 있나요?", exact: true })).toBeVisible();
});

test("axe finds no serious violation on any page", async ({ operators }) => {
  test.setTimeout(120_000);
  await operators.page.goto(`${operators.address}/admin`);
  await expect(operators.button("로그인")).toBeVisible();
  await expectAccessible(operators.page);
  await operators.signIn();
  for (const place of PLACES) {
    await operators.goTo(place);
    await expect(operators.page.getByText("불러오고 있습니다…")).toHaveCount(0);
    await expectAccessible(operators.page);
  }
  await operators.goTo("콘텐츠");
  await operators.page.getByRole("table").getByRole("link").first().click();
  await expect(operators.page.getByRole("tab", { name: "점검" })).toBeVisible();
  await expectAccessible(operators.page);
});

test("at 360 pixels nothing is scrolled sideways, and the menu opens from the bar", async ({ operators }) => {
  const { page } = operators;
  await page.setViewportSize({ width: 360, height: 740 });
  await operators.signIn();
  for (const place of PLACES) {
    await page.getByRole("button", { name: "메뉴", exact: true }).click();
    await operators.dialog.getByRole("link", { name: place, exact: true }).click();
    await operators.heading(place);
    await expect(operators.dialog).toHaveCount(0);
    await expect(page.getByText("불러오고 있습니다…")).toHaveCount(0);
    const wider = await page.evaluate(() =>
      [document.documentElement, document.querySelector("main")].map(
        (element) => (element?.scrollWidth ?? 0) - (element?.clientWidth ?? 0),
      ),
    );
    expect(wider, place).toEqual([0, 0]);
  }
  await page.getByRole("button", { name: "메뉴", exact: true }).click();
  await operators.dialog.getByRole("link", { name: "질문해 보기", exact: true }).click();
  await page.getByRole("textbox", { name: "질문", exact: true }).fill("가입 방법 알려줘");
  await operators.button("질문하기").click();
  const found = page.getByRole("region", { name: /^검색 결과/ }).last();
  await expect(found.locator("td").getByText("본문 글자").first()).toBeVisible(); // each part of a score, with its name
  expect(await found.evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
});

test("contents are saved as a file, and half of one is not", async ({ operators }) => {
  const { page } = operators;
  await operators.open("콘텐츠");
  const saved = page.waitForEvent("download");
  await operators.button("CSV 파일로 내보내기").click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^contents-.+\.csv$/);
  const text = await readFile(await file.path(), "utf-8");
  expect(text).toMatch(/^\uFEFFID,제목,/);
  expect(text).toContain("prod-007");

  await page.route("**/contents/export?*", async (route) => {
    const whole = await (await route.fetch()).body();
    await route.fulfill({ body: whole.subarray(0, -1), contentType: "application/gzip" });
  });
  await operators.button("CSV 파일로 내보내기").click();
  await expect(page.getByRole("alert")).toContainText("파일을 끝까지 받지 못했습니다");
});
