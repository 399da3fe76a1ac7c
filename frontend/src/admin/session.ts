/** Who works here: an operator's key, kept until the tab is closed. */
import { createContext, useContext } from "react";
import type { AdminApi } from "../api/admin";
import type { Me, Role } from "../api/adminTypes";

const STORED = "haedap.admin.key";
const RANKS: Record<Role, number> = { viewer: 0, editor: 1, owner: 2 };

export interface SessionValue {
  api: AdminApi;
  me: Me;
  signOut: () => void;
}

export const Session = createContext<SessionValue | null>(null);

/** Whether one key's operator may see and do all that another's may. */
export function reaches(me: Me, other: Me): boolean {
  const bots = me.bots;
  return RANKS[me.role] >= RANKS[other.role] && (!bots || (other.bots ?? [""]).every((one) => bots.includes(one)));
}

/** The operator and their API. Inside of the signed-in console alone. */
export function useSession(): SessionValue & { may: (role: Role) => boolean } {
  const session = useContext(Session);
  if (session === null) throw new Error("nobody has signed in");
  return { ...session, may: (role) => RANKS[session.me.role] >= RANKS[role] };
}

export const storedKey = {
  read: () => sessionStorage.getItem(STORED),
  keep: (key: string) => sessionStorage.setItem(STORED, key),
  forget: () => sessionStorage.removeItem(STORED),
};
