/** Conversations in front of a fake server of their own, for each test of a file. */
import { afterEach, beforeEach } from "vitest";
import { Conversation } from "../src/chat/conversation";
import type { Surroundings } from "../src/chat/conversationState";
import type { Exchange } from "../src/chat/exchange";
import type { List } from "../src/chat/lists";
import { FakeHaedap } from "./fakeHaedap";

class Talking {
  server!: FakeHaedap;
  minLoadingMs = 0;
  lists: readonly List[] = [];

  around(): Surroundings {
    return {
      minLoadingMs: async () => this.minLoadingMs,
      asked: () => {},
      taken: () => {},
      ended: () => {},
      lists: () => this.lists,
      keepLists: (kept) => {
        this.lists = kept;
      },
    };
  }

  conversation(): Conversation {
    return new Conversation(this.server.api, "s", this.around());
  }
}

/** What a file's tests have: begun anew before each of them. */
export function talking(): Talking {
  const here = new Talking();
  beforeEach(async () => {
    here.server = await FakeHaedap.start();
    here.minLoadingMs = 0;
    here.lists = [];
  });
  afterEach(() => here.server.stop());
  return here;
}

export const tooMany = { status: 429, json: { error_message: "천천히요.", code: "rate_limited" } };

export function shown(of: Conversation): Exchange[] {
  const { order, exchanges } = of.store.get();
  return order.map((key) => exchanges[key] as Exchange);
}

export function said(exchange: Exchange | undefined): string[] {
  return exchange?.bubbles.map((one) => one.description) ?? [];
}
