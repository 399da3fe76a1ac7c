/** A remark plugin: raw HTML is text, shown as it was written. Of its tags only a line break is one: tables need it. */
import type { Root, RootContent } from "mdast";
import { visitParents } from "unist-util-visit-parents";

export function remarkHtmlAsText() {
  return (tree: Root): void => {
    visitParents(tree, "html", (node, ancestors) => {
      const parent = ancestors.at(-1);
      if (parent === undefined) return;
      const shown = /^<br\s*\/?>$/i.test(node.value)
        ? ({ type: "break" } as const)
        : ({ type: "text", value: node.value } as const);
      const siblings: RootContent[] = parent.children;
      siblings.splice(siblings.indexOf(node), 1, shown);
    });
  };
}
