/** A rehype plugin: `[1]` in an answer's text becomes a button, where there is a source of that number. */
import type { ElementContent, Root, Text } from "hast";
import { SKIP, visitParents } from "unist-util-visit-parents";

const NOT_INSIDE = new Set(["a", "code", "pre"]);

export function rehypeCitations(numbers: ReadonlySet<number>) {
  return (tree: Root): void => {
    visitParents(tree, "text", (node: Text, ancestors) => {
      const parent = ancestors.at(-1);
      if (parent === undefined || ancestors.some((one) => "tagName" in one && NOT_INSIDE.has(one.tagName))) return;
      const pieces = split(node.value, numbers);
      if (pieces.length === 1) return;
      const at = parent.children.indexOf(node);
      parent.children.splice(at, 1, ...pieces);
      return [SKIP, at + pieces.length];
    });
  };
}

function split(text: string, numbers: ReadonlySet<number>): ElementContent[] {
  return text.split(/(\[\d{1,2}\])/).flatMap((piece): ElementContent[] => {
    const n = Number(/^\[(\d+)\]$/.exec(piece)?.[1]);
    if (numbers.has(n)) {
      return [
        {
          type: "element",
          tagName: "button",
          properties: { value: String(n) },
          children: [{ type: "text", value: String(n) }],
        },
      ];
    }
    return piece ? [{ type: "text", value: piece }] : [];
  });
}
