/** Every text of the page that the server does not send. */
import type { Step } from "./api/events";
import type { Expression } from "./api/types";

const steps: Record<Step, string> = {
  planning: "필요한 자료를 고르고 있어요",
  searching: "도움말을 찾고 있어요",
  rewriting: "질문을 다시 읽고 있어요",
  answering: "답변을 쓰고 있어요",
};

const expressions: Record<Expression, string> = {
  SMILE: "웃는 얼굴",
  THINKING: "생각하는 얼굴",
  CRYING: "우는 얼굴",
};

export const texts = {
  name: "해답",
  close: "닫기",
  closeChat: "챗봇 닫기",
  cancel: "취소",
  save: "저장",
  waiting: "질문을 보내고 있어요",
  steps,
  expressions,
  composer: {
    label: "질문",
    placeholder: "궁금한 점을 물어보세요",
    send: "보내기",
    stop: "멈추기",
    full: (most: number) => `질문은 ${most.toLocaleString("ko")}자까지 쓸 수 있어요.`,
    cut: (most: number) => `질문은 ${most.toLocaleString("ko")}자까지 쓸 수 있어서, 붙여 넣은 글의 뒷부분은 빠졌어요.`,
    hint: "답변은 등록된 도움말을 바탕으로 드립니다. 중요한 내용은 출처를 확인해 주세요.",
  },
  conversation: {
    label: "대화",
    skip: "질문 입력란으로 바로 가기",
    loading: "대화를 불러오고 있어요",
    newAnswer: "새 답변",
    searched: "검색 완료",
    answered: (text: string) => `답변: ${text}`,
    stopped: "답변을 멈췄어요.",
    interrupted: "답변이 중단되었어요.",
  },
  welcome: {
    greeting: "안녕하세요! 무엇을 도와드릴까요?",
    lead: "궁금한 점을 편하게 물어보세요. 등록된 도움말에서 답을 찾아 드립니다.",
  },
  actions: {
    again: "다시 묻기",
    retry: "다시 시도",
    copy: "답변 복사",
    copied: "복사했어요",
    copyFailed: "복사하지 못했어요. 글을 직접 선택해 복사해 주세요.",
    edit: "질문 고치기",
    editing: "고친 질문",
    askEdited: "고쳐서 묻기",
  },
  sources: {
    label: "출처",
    chip: (n: number, title: string) => `출처 ${n}: ${title}`,
    citation: (n: number) => `출처 ${n}번으로 가기`,
    matched: "일치한 제목",
    updated: (date: string) => `${date} 수정`,
    original: "원문 보기",
    loading: "도움말을 불러오고 있어요",
    record: "회사 시스템에서 조회한 정보입니다.",
  },
  sessions: {
    label: "대화 목록",
    open: "대화 목록 열기",
    new: "새 대화",
    search: "대화 검색",
    none: "아직 대화가 없습니다.",
    noneFound: "찾으시는 대화가 없습니다.",
    failed: "대화 목록을 불러오지 못했습니다.",
    rename: (title: string) => `'${title}' 이름 바꾸기`,
    renameTitle: "대화 이름 바꾸기",
    renameLabel: "새 이름",
    delete: (title: string) => `'${title}' 삭제`,
    deleteTitle: "대화를 삭제할까요?",
    deleteLead: (title: string) => `'${title}' 대화와 그 안의 질문·답변이 모두 지워지며 되돌릴 수 없습니다.`,
    deleteConfirm: "삭제",
  },
  feedback: {
    given: "의견을 보내 주셔서 감사합니다.",
    reasons: "아쉬웠던 점",
    comment: "더 알려 주실 내용 (선택)",
    send: "의견 보내기",
  },
  bubbles: {
    table: "표",
    footnotes: "각주",
    video: "영상",
    image: "이미지",
    imageNotLoaded: "이미지를 불러오지 못했어요.",
    videoNotLoaded: "영상을 불러오지 못했어요.",
    more: "자세히 보기",
    newTab: "새 탭에서 열림",
  },
  errors: {
    unknown: "요청을 처리하지 못했습니다. 잠시 후 다시 시도해 주세요.",
    unreachable: "연결이 끊겼습니다. 네트워크를 확인하고 다시 시도해 주세요.",
    brokenOff: "파일을 끝까지 받지 못했습니다. 다시 시도하거나 기간이나 조건을 좁혀 주세요.",
    noBot: "챗봇을 찾을 수 없습니다. 주소를 확인해 주세요.",
    page: "페이지를 표시하지 못했습니다. 새로 고쳐 주세요.",
    reload: "새로 고침",
  },
} as const;

/** What the widget's loader says: apart, so that it loads nothing else. */
export const widgetTexts = {
  open: "챗봇에게 물어보기",
  panel: "챗봇",
  close: "닫기",
  loading: "챗봇을 불러오고 있어요",
  unreachable: "챗봇에 연결하지 못했어요. 네트워크를 확인하고 다시 시도해 주세요.",
  refused: "이 페이지에서는 챗봇을 이용할 수 없어요.",
  retry: "다시 시도",
} as const;
