/** The page's icons: strokes on a grid of 24, said by the text beside them or by their button's label. */
const paths = {
  again: "M4 12a8 8 0 1 1 2.6 5.9M4 19v-5h5",
  check: "m5 12.500 4.500 4.500L19 7.500",
  chevron: "m9 5 7 7-7 7",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 5v14m-6-6 6 6 6-6",
  edit: "m4 20 1-4L16.500 4.500l3 3L8 19l-4 1Z",
  external: "M13 5h6v6m0-6-9 9M9 6H5v13h13v-4",
  menu: "M4 7h16M4 12h16M4 17h10",
  plus: "M12 5v14M5 12h14",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 5 5",
  send: "M12 19V5m-6 6 6-6 6 6",
  stop: "M8 8h8v8H8zm0 1.600h8m0 1.600H8m0 1.600h8m0 1.600H8",
  trash: "M4 7h16M9 7V4h6v3m-8 0 1 13h8l1-13",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.8"
      viewBox="0 0 24 24"
    >
      <path d={paths[name]} />
    </svg>
  );
}
