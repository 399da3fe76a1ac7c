/** How an answer came about, in words: steps, parts of scores, gates, what went without. Shared by trials and history. */
import type { Trial } from "../../api/adminTypes";

const gates: Record<string, string> = {
  short: "너무 짧은 질문",
  nonsense: "뜻을 알 수 없는 글",
  greeting: "인사",
  thanks: "감사 인사",
  banned: "금칙어",
  injection: "지시 조작 시도",
};

const parts: Record<string, string> = {
  title: "제목",
  content: "본문",
  sentence_title: "제목(문장 모델)",
  sentence: "문장",
  ngram_title: "제목 글자",
  ngram_content: "본문 글자",
  opening: "제목과 첫머리",
};

const outcomes: Record<Trial["plan"][number]["outcome"], string> = {
  found: "찾음",
  empty: "결과 없음",
  invalid: "인자 오류",
  unavailable: "응답 없음",
};

const steps: Record<string, string> = {
  gate: "입구 검사",
  plan: "계획",
  rewrite: "질문 고쳐 쓰기",
  look_up: "자료 찾기",
  check: "근거 확인",
  first_token: "첫 글자까지",
  write: "답변 쓰기",
  category: "분류",
  suggest: "추천 질문",
};

export const texts = {
  gate: "입구 검사",
  gates,
  passed: "통과했습니다. 검색을 진행했습니다.",
  fixed: (kind: string) => `‘${gates[kind] ?? kind}’(으)로 판단해 정해진 답을 했습니다.`,
  plan: "계획",
  noPlan: "조회한 소스가 없습니다.",
  outcomes,
  found: (n: number) => `${n}건`,
  retries: (n: number) => `재시도 ${n}번`,
  searchedAs: (text: string) => `검색한 질문: ${text}`,
  search: (source: string) => `검색 결과 · ${source}`,
  columns: { content: "콘텐츠", score: "점수", near: "관련" },
  parts,
  matched: (subject: string) => `일치한 제목: ${subject}`,
  near: "관련 있음",
  decision: "판단",
  decidedBy: {
    confidence: "확신도",
    answerFrom: (from: string) => `${from} 이상이면 답변`,
    relevance: "관련도",
    refuseBelow: (below: string) => `${below} 미만이면 답변 불가`,
    byTitle: "제목과 같은 질문이라 점수를 따지지 않았습니다.",
  },
  records: (source: string) => `API 응답 · ${source}`,
  prompts: "LLM에 보낸 내용",
  noPrompts: "LLM을 부르지 않았습니다.",
  answer: "답변",
  noAnswer: "답변이 없습니다.",
  sources: "출처",
  unsupported: "근거를 찾지 못한 문장",
  degraded: "빠진 기능",
  problems: "문제",
  steps: "단계별 시간",
  stepsLead: (total: string) => `모두 ${total}`,
  step: "단계",
  ms: "걸린 시간",
  usage: (input: string, output: string, cost: string) => `토큰 입력 ${input} · 출력 ${output} · 비용 ${cost}`,
  estimated: "토큰 수는 추정값입니다.",
  model: "모델",
  version: "챗봇 버전",
  category: "분류",
};

const WITHOUT: Record<string, string> = {
  answer_truncated: "답이 길이 제한에서 끊김",
  budget_spent: "하루 예산을 다 씀",
  category_unavailable: "분류 없이",
  llm_unavailable: "LLM 없이",
  plan_unavailable: "소스 고르기 없이",
  rewrite_unavailable: "질문 고쳐 쓰기 없이",
};

/** What an answer was given without, in Korean; of a source that was away, which. */
export function withoutName(reason: string): string {
  const source = reason.match(/^(.+)_unavailable$/)?.[1];
  return WITHOUT[reason] ?? (source ? `소스 ${source} 응답 없음` : reason);
}

/** A step's name in Korean; of one that is taken several times, with its number. */
export function stepName(step: string): string {
  const [, name = step, number] = step.match(/^([a-z_]+?)(?:_(\d+))?$/) ?? [];
  return [steps[name] ?? name, number].filter(Boolean).join(" ");
}
