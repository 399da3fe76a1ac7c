// As much of a browser as the page needs: a tree of elements, cookies, storage of a tab, `fetch` of one address.

class Element {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, parent: null, own: "", hidden: false, disabled: false });
  }
  get textContent() {
    return this.own + this.children.map((one) => one.textContent ?? one).join("");
  }
  set textContent(text) {
    this.children = [];
    this.own = text;
  }
  append(...nodes) {
    for (const node of nodes) if (node instanceof Element) node.parent = this;
    this.children.push(...nodes);
  }
  replaceChildren(...nodes) {
    this.children = [];
    this.append(...nodes);
  }
  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((one) => one !== this);
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  querySelector(tag) {
    return this.children.find((one) => one.tag === tag);
  }
  all(tag) {
    return this.children.flatMap((one) => (one instanceof Element ? [...(one.tag === tag ? [one] : []), ...one.all(tag)] : []));
  }
  focus() {}
}

globalThis.location = { search: "" };

const kept = new Map();
globalThis.sessionStorage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };

/** From now on `fetch` asks this address, as one visitor. */
export function visit(address) {
  const inner = globalThis.fetch;
  let cookie = "";
  globalThis.fetch = async (path, options = {}) => {
    const response = await inner(address + path, { ...options, headers: { ...options.headers, cookie } });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return response;
  };
}

/** Load the page anew; its elements by their ids. */
export async function load(page) {
  const ids = ["chat", "form", "question", "sessions", "spoken", "stop", "new"];
  const elements = Object.fromEntries(ids.map((id) => [id, new Element(id)]));
  elements.form.append(new Element("button"));
  globalThis.document = { getElementById: (id) => elements[id], createElement: (tag) => new Element(tag) };
  await import(`${page}?${Math.random()}`);
  return elements;
}

export async function until(condition) {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never: ${condition}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
