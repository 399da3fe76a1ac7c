/** Which images and videos are shown. */

/** Whether a medium comes over https: anything else could be read, or changed, on its way. */
export function isSecure(url: string): boolean {
  return /^https:\/\//i.test(url);
}
