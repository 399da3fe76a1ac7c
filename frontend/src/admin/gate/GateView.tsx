/** Which answers would change, and the second yes where golden questions would be lost. */
import { texts } from "../texts/gate";
import { Alert } from "../ui/Alert";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { ComparisonView } from "./ComparisonView";
import { type Gate, losesGolden } from "./useGate";

interface Props {
  gate: Gate;
  /** Of publishing, where it failed. */
  error: unknown;
}

export function GateView({ gate, error }: Props) {
  const { comparison } = gate;
  const lost = gate.lost.length;
  return (
    <>
      {comparison.isFetching && <Loading label={texts.checking} />}
      {comparison.isError && !comparison.isFetching && (
        <Failure error={comparison.error} onRetry={() => void comparison.refetch()} />
      )}
      {comparison.data && !comparison.isFetching && (
        <>
          <ComparisonView comparison={comparison.data} />
          {lost > 0 && (
            <Alert look="danger">
              <p className="mb-2 font-medium">{texts.lost(lost)}</p>
              <CheckField label={texts.confirm(lost)} checked={gate.confirmed} onChange={gate.setConfirmed} />
            </Alert>
          )}
        </>
      )}
      {losesGolden(error) && <Alert look="caution">{texts.lostNow}</Alert>}
      {error !== null && !losesGolden(error) && <Failure error={error} />}
    </>
  );
}
