/** What the page's parts share: the conversation that is shown, and the server's API. */
import { createContext, useContext } from "react";
import type { Api } from "../api/client";
import type { Conversation } from "./conversation";

const ApiContext = createContext<Api | null>(null);
const ConversationContext = createContext<Conversation | null>(null);

export const ApiProvider = ApiContext.Provider;
export const ConversationProvider = ConversationContext.Provider;

export function useApi(): Api {
  return given(useContext(ApiContext));
}

export function useConversation(): Conversation {
  return given(useContext(ConversationContext));
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error("used outside of its provider");
  return value;
}
