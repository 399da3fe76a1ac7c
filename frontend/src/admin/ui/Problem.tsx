/** What is wrong with several fields together. */
export function Problem({ text }: { text: string | undefined }) {
  return text ? <p className="col-span-full text-danger text-xs">{text}</p> : null;
}
