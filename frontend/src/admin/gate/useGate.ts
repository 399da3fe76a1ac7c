/** The second yes: what would be lost, and whether somebody has said that it may be. */
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Comparison } from "../../api/adminTypes";
import { ApiError } from "../../api/errors";

export function useGate(comparison: UseQueryResult<Comparison>) {
  const [confirmed, setConfirmed] = useState(false);
  const lost = lostBy(comparison.data);
  return {
    comparison,
    confirmed,
    setConfirmed,
    /** The golden questions, by id, that would be answered wrongly and are answered rightly now. A yes names them. */
    lost,
    open: comparison.data !== undefined && !comparison.isFetching && (lost.length === 0 || confirmed),
    /** What to do with an error of publishing: when somebody has changed something since, it is asked again. */
    onError: (error: unknown) => {
      if (!losesGolden(error)) return;
      setConfirmed(false);
      void comparison.refetch();
    },
  };
}

export type Gate = ReturnType<typeof useGate>;

export function losesGolden(error: unknown): boolean {
  return error instanceof ApiError && error.code === "loses_golden";
}

function lostBy(comparison: Comparison | undefined): string[] {
  const changes = comparison?.rehearsals.flatMap(({ rehearsal }) => rehearsal.changes) ?? [];
  return changes.flatMap(({ verdict, golden_id }) => (verdict === "worse" ? (golden_id ?? []) : []));
}
