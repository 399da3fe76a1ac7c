/** What all of the console's pages say. */
import type { Role } from "../../api/adminTypes";
import type { Decision } from "../../api/types";
import type { Section } from "../routes";

const roles: Record<Role, string> = { viewer: "조회", editor: "편집", owner: "소유자" };

const sections: Record<Section, string> = {
  contents: "콘텐츠",
  golden: "기준 질문",
  try: "질문해 보기",
  history: "질문 기록",
  insights: "지표",
  desk: "개선",
  settings: "챗봇 설정",
  versions: "버전",
  workshop: "API 소스 작업실",
  programs: "프로그램 키",
};

export const decisions: Record<Decision, string> = {
  answer: "답변",
  clarify: "되물음",
  refuse: "답변 불가",
  fixed: "정해진 답",
};

export const texts = {
  chart: (title: string) => `${title} 그래프. 값은 뒤따르는 표나 목록에 있습니다.`,
  name: "해답 콘솔",
  skip: "본문으로 바로 가기",
  menu: "메뉴",
  roles,
  sections,
  groups: { knowledge: "지식", operation: "운영", bot: "챗봇", all: "전체" },
  bots: "챗봇 목록",
  keys: "운영자 키",
  audit: "변경 기록",
  chooseBot: "챗봇 선택",
  openChat: "채팅 화면 열기",
  signOut: "로그아웃",
  save: "저장",
  saveDraft: "초안 저장",
  cancel: "취소",
  close: "닫기",
  toContents: "콘텐츠로 가기",
  add: "추가",
  remove: "삭제",
  removeOf: (what: string) => `${what} 삭제`,
  more: "더 보기",
  retry: "다시 시도",
  loading: "불러오고 있습니다",
  saved: "저장했습니다.",
  copied: "복사했습니다.",
  copyFailed: "복사하지 못했습니다. 글자를 직접 선택해 복사해 주세요.",
  copy: "복사",
  none: "없음",
  all: "전체",
  unsaved: "저장하지 않은 변경이 있습니다.",
  leave: "저장하지 않은 변경이 있습니다. 이 화면을 떠나시겠습니까?",
  notFound: { title: "화면을 찾을 수 없습니다", lead: "주소가 바뀌었거나 권한이 없는 화면입니다.", back: "처음으로" },
  readOnly: "조회 권한으로 보고 있습니다. 바꾸려면 편집 권한이 필요합니다.",
  shared: "다른 챗봇도 함께 쓰는 콘텐츠입니다. 고치려면 그 챗봇의 편집 권한도 필요합니다.",
  broken: "화면을 표시하지 못했습니다. 새로고침해 주세요.",
  conflict: {
    lead: "그 사이 다른 사람이 저장했습니다. 작성하신 내용은 그대로 있습니다.",
    differences: "저장된 내용(이전)과 작성한 내용(이후) 비교",
    take: "저장된 내용 불러오기",
    mine: "내 내용으로 저장",
  },
  before: "이전",
  after: "이후",
  position: (n: number) => `${n}번째`,
};

export const signIn = {
  title: "운영자 로그인",
  lead: "발급받은 운영자 키로 로그인해 주세요. 키는 이 탭을 닫을 때까지만 보관합니다.",
  key: "운영자 키",
  show: "키 표시",
  submit: "로그인",
  submitting: "확인하고 있습니다",
  empty: "운영자 키를 입력해 주세요.",
  wrong: "키가 맞지 않거나 폐기되었습니다. 다시 확인해 주세요.",
  forbidden: "이 키로는 콘솔을 이용할 수 없습니다. 소유자에게 문의해 주세요.",
  ended: "로그인이 끝났습니다. 키가 폐기되었을 수 있습니다. 다시 로그인해 주세요.",
  leave: "작성하던 내용을 버리고 나가기",
  endedKept: "로그인이 끝났습니다. 키가 폐기되었을 수 있습니다. 다시 로그인하면 작성하던 내용을 이어서 쓸 수 있습니다.",
  busy: "로그인 시도가 너무 많았습니다. 1분쯤 뒤에 다시 시도해 주세요.",
};
