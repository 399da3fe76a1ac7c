/** What the gate says before something is published. */
export const texts = {
  checking: "기준 질문과 자주 묻는 질문에 다시 답해 보고 있습니다",
  notCompared: {
    contents: {
      first:
        "이 소스는 처음 게시합니다. 다시 물어볼 색인이 아직 없어 답이 어떻게 달라지는지 비교하지 못했습니다. " +
        "게시한 뒤에 ‘기준 질문’에서 채점해 확인해 주세요.",
      unchanged: "답을 찾는 데 쓰이는 내용이 바뀌지 않아 비교하지 않았습니다.",
      no_questions: "이 소스를 쓰는 챗봇에 기준 질문도 집계된 자주 묻는 질문도 없어 비교하지 않았습니다.",
    },
    settings: {
      first: "아직 색인이 있는 소스가 없어 물어볼 수 없습니다. 콘텐츠를 게시하면 답할 수 있습니다.",
      unchanged: "답을 찾는 데 쓰이는 설정이 바뀌지 않아 비교하지 않았습니다.",
      no_questions: "이 챗봇에 기준 질문도 집계된 자주 묻는 질문도 없어 비교하지 않았습니다.",
    },
  },
  golden: (before: number, after: number, all: number) => `기준 질문 ${all}개 중 정답 ${before}개 → ${after}개`,
  first: "처음 게시합니다. 지금은 답하는 것이 없으므로, 게시하면 무엇이라고 답할지 보여 드립니다.",
  right: (right: number, all: number) => `기준 질문 ${all}개 중 ${right}개에 바르게 답합니다`,
  firstVerdict: (golden: boolean, verdict: string) => (golden ? (verdict === "better" ? "정답" : "오답") : "답변"),
  noGolden: "기준 질문이 없습니다.",
  frequent: (all: number) => `최근 14일 동안 자주 들어온 질문 ${all}개`,
  noFrequent: "집계된 자주 묻는 질문이 없습니다.",
  asked: (n: number) => `${n.toLocaleString("ko-KR")}번 물음`,
  same: "답이 달라지는 질문이 없습니다.",
  verdicts: { worse: "나빠짐", better: "좋아짐", changed: "달라짐" },
  textDiffers: "답변 문구 변경",
  noContent: "콘텐츠 없음",
  lost: (n: number) => `기준 질문 ${n}개를 놓치게 됩니다.`,
  confirm: (n: number) => `기준 질문 ${n}개를 놓치는 것을 확인했고, 그래도 게시합니다.`,
  submitAnyway: "그래도 게시",
  lostNow: "그 사이에 놓치는 기준 질문이 생겼습니다. 다시 확인해 주세요.",
};
