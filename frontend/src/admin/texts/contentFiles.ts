/** What is said where contents come from a file, or go into one. */
import type { ImportedContent } from "../../api/adminTypes";
import { texts as contents } from "./contents";

const kinds: Record<ImportedContent["kind"], string> = {
  conflict: "그 사이 다른 사람이 고쳐 그대로 둔 것",
  invalid: "가져올 수 없는 것",
  remove: "삭제 초안이 될 것",
  create: "새로 만들 것",
  update: "고칠 것",
  unchanged: "그대로인 것",
};

const fields: Record<string, string> = { ...contents.fields, id: "ID", removal: "상태", service_type: "서비스 유형" };

export const texts = {
  import: "가져오기",
  export: "내보내기",
  exporting: "파일을 만들고 있습니다",
  exportAs: (format: string) => `${format} 파일로 내보내기`,
  lead: "CSV, XLSX, JSONL 파일에서 콘텐츠를 가져옵니다. 바뀔 내용을 먼저 보여 드리고, 적용하면 초안이 됩니다. 게시하기 전에는 답변에 쓰이지 않습니다.",
  columns:
    "내보낸 파일과 같은 열을 씁니다. ID가 같은 콘텐츠를 고치고, 파일에 없는 열은 그대로 둡니다. 빈칸은 그 값을 비웁니다.",
  file: "파일",
  removeMissing: "파일에 없는 콘텐츠는 삭제 초안으로 만들기",
  otherFormat: "CSV, XLSX, JSONL 파일을 골라 주세요.",
  checking: "바뀔 내용을 확인하고 있습니다",
  same: "파일의 내용이 지금과 모두 같습니다.",
  counts: (name: string, n: number) => `${name} ${n.toLocaleString()}개`,
  kinds,
  field: (path: string) => {
    const [top = "", ...rest] = path.split(".");
    return [fields[top] ?? top, ...rest.map((part) => (/^\d+$/.test(part) ? `${Number(part) + 1}번째` : part))].join(
      " · ",
    );
  },
  row: (n: number) => `${n}행`,
  untitled: "(제목 없음)",
  more: (n: number) => `외 ${n.toLocaleString()}개`,
  leftOut: "다음 항목은 빼거나 가리고 가져옵니다.",
  ignored: (names: string) => `알 수 없는 열은 쓰지 않습니다: ${names}`,
  removalsHeld:
    "읽을 수 없는 행이 있어 파일에 없는 콘텐츠를 삭제 초안으로 만들지 않았습니다. 파일을 고친 뒤 다시 확인해 주세요.",
  applyNone: "적용",
  apply: (n: number) => `${n.toLocaleString()}개 적용`,
  applying: (done: number) => `초안으로 만들고 있습니다(${done.toLocaleString()}개)`,
  applied: (n: number) => `초안 ${n.toLocaleString()}개를 만들었습니다. 확인한 뒤 게시해 주세요.`,
  conflicts: (n: number) => `확인한 뒤에 다른 사람이 고친 ${n.toLocaleString()}개는 그대로 두었습니다.`,
};
