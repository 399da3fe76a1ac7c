/** What is said where contents come from Notion. */
import type { NotionReport } from "../../api/adminTypes";

type Outcome = NonNullable<NotionReport["told"]>[number]["outcome"];

const outcomes: [Outcome, string][] = [
  ["conflict", "콘솔에서 고쳐 그대로 둔 것"],
  ["invalid", "가져올 수 없는 것"],
  ["unreadable", "읽을 수 없는 것"],
  ["empty", "글이 없는 페이지"],
  ["remove", "삭제 초안이 될 것"],
  ["create", "새로 만들 것"],
  ["update", "고칠 것"],
];

const properties = {
  category: "분류",
  tags: "태그",
  similar_titles: "비슷한 제목",
  service_types: "서비스 유형",
  effective_on: "시작일",
  expires_on: "종료일",
  period: "기간(시작과 끝)",
  related: "관련 콘텐츠",
  url: "원문 주소",
};

export const texts = {
  open: "Notion에서 가져오기",
  lead: "데이터베이스의 페이지들이나, 한 페이지와 그 아래 페이지들을 가져옵니다. 지난번 뒤로 고친 페이지만 읽고, Notion에서 지운 페이지는 삭제 초안이 됩니다. 게시하기 전에는 답변에 쓰이지 않습니다.",
  notConfigured:
    "Notion 토큰이 설정되지 않았습니다. 서버에 NOTION_TOKEN을 설정하고 다시 시작하면 여기서 가져올 수 있습니다.",
  open_: "이 소스에 열려 있는 문서",
  openOwner: "편집자는 여기 있는 문서만 가져올 수 있습니다. 새로 가져오는 문서도 여기에 더해집니다.",
  openOthers: "모든 챗봇의 소유자가 열어 둔 문서만 가져올 수 있습니다.",
  noneOpen:
    "이 챗봇에 열려 있는 Notion 문서가 없습니다. 모든 챗봇의 소유자가 한 번 가져오거나, 서버의 NOTION_TARGETS에 문서 ID를 적으면 가져올 수 있습니다.",
  choose: "고르기",
  chooseOf: (name: string) => `${name} 고르기`,
  close: "닫기",
  closeOf: (name: string) => `${name} 닫기`,
  closed: "편집자가 이 문서를 가져올 수 없게 했습니다. 이미 가져온 콘텐츠는 그대로입니다.",
  kind: "가져올 문서",
  kinds: [
    ["database", "데이터베이스"],
    ["page", "페이지와 그 아래"],
  ] as const,
  address: "Notion 주소",
  addressHelp: "Notion의 ‘링크 복사’로 얻은 주소입니다. 그 문서의 연결에 이 연동을 추가해 두어야 합니다.",
  properties: "속성 이름 정하기",
  propertiesHelp: "비워 두면 흔히 쓰는 이름(분류, 태그, 유사 질문, 시작일 등)을 찾습니다.",
  property: properties,
  full: "고치지 않은 페이지도 다시 읽기",
  overwrite: "콘솔에서 고친 콘텐츠도 Notion 내용으로 덮어쓰기",
  check: "바뀔 내용 확인",
  apply: (n: number) => `초안 ${n.toLocaleString()}개 가져오기`,
  goOn: "이어서 가져오기",
  checking: (pages: number) => `Notion을 읽고 있습니다(${pages.toLocaleString()}쪽)`,
  applying: (pages: number) => `초안으로 만들고 있습니다(${pages.toLocaleString()}쪽)`,
  outcomes,
  counts: (name: string, n: number) => `${name} ${n.toLocaleString()}개`,
  unchanged: "그대로인 것",
  more: (n: number) => `외 ${n.toLocaleString()}개`,
  same: "Notion의 내용이 지금과 모두 같습니다.",
  leftOut: "글로 옮길 수 없어 뺀 블록",
  addresses: "다음 항목은 빼거나 가리고 가져옵니다.",
  wait: (seconds: number) =>
    `Notion이 요청을 잠시 제한하고 있습니다. ${seconds.toLocaleString()}초 뒤에 이어서 가져와 주세요.`,
  done: (n: number) => `초안 ${n.toLocaleString()}개를 만들었습니다. 확인한 뒤 게시해 주세요.`,
};
