/** What the pages of keys and of the record of changes say. */
import type { AuditEntry, Role } from "../../api/adminTypes";

const roleHelp: Record<Role, string> = {
  viewer: "조회: 콘텐츠, 기록, 지표를 봅니다.",
  editor: "편집: 콘텐츠와 챗봇을 고치고 게시합니다.",
  owner: "소유자: 키와 변경 기록까지 관리합니다.",
};

const outcomes: Record<AuditEntry["outcome"], string> = { begun: "시작됨", done: "완료", failed: "실패" };

/** What was done, by the record's name for it; unknown ones are shown as they are. */
export const actions: Record<string, string> = {
  "admin_key.create": "운영자 키 발급",
  "admin_key.revoke": "운영자 키 폐기",
  "bot.create": "챗봇 만들기",
  "bot.publish": "챗봇 게시",
  "bot_key.create": "프로그램 키 발급",
  "bot_key.revoke": "프로그램 키 폐기",
  "content.create": "콘텐츠 만들기",
  "content.discard": "콘텐츠 초안 버리기",
  "content.import": "파일에서 콘텐츠 가져오기",
  "content.notion": "Notion에서 콘텐츠 가져오기",
  "content.publish": "콘텐츠 게시",
  "content.remove": "콘텐츠 삭제 초안",
  "content.restore": "콘텐츠 되살리기",
  "content.save": "콘텐츠 초안 저장",
  "desk.mark": "질문 묶음 표시",
  "draft.delete": "챗봇 초안 버리기",
  "draft.restore": "챗봇 버전 복원",
  "draft.save": "챗봇 초안 저장",
  "golden.add": "기준 질문 추가",
  "golden.remove": "기준 질문 삭제",
  "golden.save": "기준 질문 수정",
  "notice.pin": "알림 고정",
  "notice.unpin": "알림 내리기",
  "notion.close": "Notion 문서 닫기",
};

export const texts = {
  operators: {
    lead: "콘솔과 운영자 API를 쓰는 사람의 키입니다. 키는 발급할 때 한 번만 보여 드립니다.",
    new: "운영자 키 발급",
    none: "발급한 키가 없습니다.",
    role: "역할",
    roleHelp,
    bots: "맡는 챗봇",
    allBots: "모든 챗봇",
    chooseBots: "한 개 이상 골라 주세요.",
  },
  programs: {
    lead: "다른 프로그램이 이 챗봇에 질문할 때 쓰는 키입니다. 키는 발급할 때 한 번만 보여 드립니다.",
    new: "프로그램 키 발급",
    none: "발급한 프로그램 키가 없습니다.",
    rate: "분당 질문 수",
    rateHelp: "0은 제한이 없다는 뜻입니다.",
    noLimit: "제한 없음",
  },
  name: "이름",
  nameHelp: "누가 또는 무엇이 쓰는 키인지 적어 주세요.",
  endsWith: "키 끝자리",
  created: "발급",
  state: "상태",
  active: "사용 중",
  revoked: (at: string) => `${at} 폐기`,
  mine: "지금 쓰는 키",
  issue: "발급",
  made: {
    title: "키를 발급했습니다",
    lead: "이 창을 닫으면 다시 볼 수 없습니다. 지금 복사해 안전한 곳에 보관해 주세요.",
    key: "새 키",
    done: "보관했습니다",
  },
  revoke: "폐기",
  revokeOf: (name: string) => `‘${name}’ 폐기`,
  revokeTitle: "키를 폐기할까요?",
  revokeLead: (name: string) => `‘${name}’ 키를 2초 안에 더는 쓸 수 없게 됩니다. 되돌릴 수 없습니다.`,
  revokeDone: "키를 폐기했습니다.",
  audit: {
    lead: "운영자가 바꾼 모든 것을 하루씩 최신순으로 보여 드립니다.",
    day: "날짜",
    bot: "챗봇",
    none: "이날의 변경이 없습니다.",
    noneHere: "이 쪽에는 볼 수 있는 변경이 없습니다.",
    columns: { at: "시각", who: "운영자", action: "작업", subject: "대상", outcome: "결과" },
    details: "변경 내용",
    actions,
    outcomes,
  },
};

/** What of a change has no other name. */
export const auditNames: Record<string, string> = {
  question: "질문",
  faq_ids: "정답 콘텐츠",
  note: "메모",
  wordings: "표현",
  state: "상태",
  role: "권한",
  bots: "챗봇",
  expires_at: "만료",
  rate_per_minute: "1분에 받을 요청 수",
  updated_at: "수정",
  revision: "수정 번호",
  golden_id: "기준 질문 ID",
  faq_id: "콘텐츠 ID",
  text: "내용",
  minutes: "보여 줄 시간(분)",
};
