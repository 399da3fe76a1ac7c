/** What the improvement desk says. */
import type { Desk } from "../../api/adminTypes";
import { number } from "../format";

type Why = keyof Desk["clusters"][number]["why"];

const why: Record<Why, string> = {
  refused: "답변 불가",
  clarified: "되물음",
  unhelpful: "도움 안 됨",
  low_margin: "자신 없는 답변",
};

export const texts = {
  lead: "제대로 답하지 못한 질문을 비슷한 것끼리 모았습니다. 많이 물은 묶음부터 개선해 주세요.",
  none: "이 기간에는 개선할 질문이 없습니다.",
  ranges: [
    [6, "7일"],
    [27, "28일"],
  ] as const,
  found: (questions: number, groups: number) => `질문 ${number(questions)}개, 묶음 ${number(groups)}개`,
  looked: (looked: number) => `질문이 많아 최근 ${number(looked)}개까지만 살펴보았습니다. 기간을 줄여 주세요.`,
  leftOut: (count: number) => `자주 묻지 않은 표현 ${number(count)}가지는 묶지 못했습니다. 기간을 줄여 주세요.`,
  more: (count: number) => `작은 묶음 ${number(count)}개는 표시하지 않았습니다.`,
  table: "질문 묶음",
  columns: { question: "대표 질문", count: "질문", sessions: "대화", why: "이유", nearest: "가장 가까운 콘텐츠" },
  why,
  whyCount: (name: Why, count: number) => `${why[name]} ${number(count)}`,
  handle: { done: "처리됨으로 표시", ignored: "보지 않기" },
  states: { done: "처리됨", ignored: "보지 않음", solved: "해결됨" },
  settling: "게시한 내용으로 다시 확인하고 있습니다",
  settled: (count: number) =>
    `게시한 콘텐츠로 이제 모두 답할 수 있는 묶음 ${number(count)}개를 ‘해결됨’으로 옮겼습니다.`,
  handled: {
    done: "처리됨으로 표시했습니다. 새 질문이 더해지면 다시 나옵니다.",
    ignored: "목록에서 뺐습니다. 새 질문이 더해지면 다시 나옵니다.",
  },
  reopen: "다시 목록에 올리기",
  reopened: "다시 목록에 올렸습니다.",
  showHandled: (count: number) => `처리한 묶음 ${number(count)}개 보기`,
  showOpen: "개선할 묶음 보기",
  noneHandled: "이 기간에는 처리한 묶음이 없습니다.",
  back: "질문 묶음 목록",
  gone: "이 묶음이 지금은 없습니다. 목록에서 다시 골라 주세요.",
  figures: (count: number, sessions: number, wordings: number) =>
    `${number(sessions)}개 대화에서 ${number(count)}번, ${number(wordings)}가지 표현으로 물었습니다.`,
  questions: "질문",
  questionsLead: "비슷한 제목으로 쓸 질문을 골라 주세요. 개인정보는 가려져 있습니다.",
  firstOnly: (shown: number) => `자주 물은 ${number(shown)}가지만 표시합니다.`,
  all: "모두 선택",
  firstOnes: (count: number) => `자주 물은 ${number(count)}가지 선택`,
  tooLong: (most: number) => `${number(most)}자가 넘는 질문은 제목으로 쓸 수 없습니다.`,
  tooMany: (most: number) => `한 번에 ${number(most)}가지까지 추가할 수 있습니다.`,
  times: (count: number) => `${number(count)}번`,
  history: "기록",
  historyOf: (question: string) => `‘${question}’ 기록 보기`,
  contents: "가장 가까운 콘텐츠",
  contentsLead: "여기에 답이 있다면 고른 질문을 비슷한 제목으로 추가해 주세요. 초안으로 저장됩니다.",
  noContents: "가까운 콘텐츠가 없습니다.",
  score: (score: number) => `점수 ${number(score, 2)}`,
  addTitles: "비슷한 제목으로 추가",
  addTitlesTo: (title: string) => `‘${title}’에 비슷한 제목으로 추가`,
  newContent: "새 콘텐츠",
  newLead: "맞는 콘텐츠가 없다면 고른 질문으로 초안을 만들어 주세요. 게시하기 전에는 답변에 쓰이지 않습니다.",
  makeContent: "새 콘텐츠 초안 만들기",
  asking: "초안을 넣어 다시 물어보고 있습니다",
  tryAgain: "다시 물어보기",
  answerable: (asked: number, answered: number, before: number) =>
    `${number(asked)}개 중 ${number(answered)}개에 답할 수 있어요. (지금은 ${number(before)}개)`,
  saved: (title: string) => `‘${title}’의 초안을 저장했습니다.`,
  open: "콘텐츠를 열어 검토하고 게시하기",
  written: (model: string) => `${model}이(가) 가까운 콘텐츠를 근거로 쓴 초안입니다. 게시하기 전에 꼭 확인해 주세요.`,
  notWritten: (why: string) => `${why} 답변을 직접 작성해 주세요.`,
  doubtful: "근거를 찾지 못한 문장",
  stillNot: "아직 답하지 못하는 질문",
  result: "다시 물어본 결과",
  removal: "삭제 예정인 콘텐츠입니다. 삭제 초안을 버린 뒤 추가해 주세요.",
};
