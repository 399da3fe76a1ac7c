/** A link within the console: a real address, so that it can be opened in another tab, too. */
import type { ComponentProps, MouseEvent } from "react";
import { navigate } from "../router";

interface Props extends ComponentProps<"a"> {
  href: string;
}

export function Link({ href, onClick, className = "text-accent hover:underline", ...rest }: Props) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} className={className} {...rest} />;
}
