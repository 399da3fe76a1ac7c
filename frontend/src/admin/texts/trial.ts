/** What the page for trying a question says. */
export const texts = {
  lead: "고객과 같은 과정으로 답해 보고, 모든 단계를 보여 드립니다. 고객 기록에는 남지 않습니다.",
  question: "질문",
  version: "기준",
  versions: { published: "서비스 중인 설정", draft: "설정 초안" },
  noDraft: "설정 초안이 없어 서비스 중인 설정으로 답합니다.",
  service: "서비스 유형",
  noService: "지정 안 함",
  earlier: "이전 대화",
  earlierHelp: "이어지는 질문을 시험할 때 적어 주세요. 오래된 순서입니다.",
  addEarlier: "이전 대화 추가",
  asked: "고객 질문",
  answered: "챗봇 답변",
  submit: "질문하기",
  choices: "고객이 고를 수 있는 제목(누르면 그 제목으로 물어봅니다)",
  suggestions: "추천 질문",
  busy: "답하고 있습니다",
};
