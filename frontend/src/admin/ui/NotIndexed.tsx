/** A bot whose contents nobody can search yet: what to do first, and any other failure as such. */
import { ApiError } from "../../api/errors";
import { paths } from "../routes";
import { texts } from "../texts/common";
import { Empty } from "./Empty";
import { Failure } from "./Failure";
import { Link } from "./Link";

interface Props {
  bot: string;
  error: unknown;
  onRetry?: () => void;
}

export function NotIndexed({ bot, error, onRetry }: Props) {
  if (!(error instanceof ApiError && error.code === "not_indexed")) return <Failure error={error} onRetry={onRetry} />;
  return (
    <Empty>
      {error.message} <Link href={paths.section(bot, "contents")}>{texts.toContents}</Link>
    </Empty>
  );
}
