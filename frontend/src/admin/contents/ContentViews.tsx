/** Three looks at a draft: as customers will read it, against what is served, and what may be wrong. */
import { useState } from "react";
import type { ContentDetail } from "../../api/adminTypes";
import { LazyMarkdown } from "../../bubbles/LazyMarkdown";
import { texts } from "../texts/contents";
import { Badge } from "../ui/Badge";
import { SelectField } from "../ui/SelectField";
import { Tabs } from "../ui/Tabs";
import { ContentChanges } from "./ContentChanges";
import type { ContentForm } from "./form";
import { Health } from "./Health";
import { useHealth } from "./useContent";

interface Props {
  bot: string;
  sourceId: string | undefined;
  detail: ContentDetail | null;
  form: ContentForm;
  dirty: boolean;
}

type View = keyof typeof texts.views;

export function ContentViews({ bot, sourceId, detail, form, dirty }: Props) {
  const [shown, setShown] = useState<View>("preview");
  const found = useHealth({ bot, sourceId, faqId: detail?.faq_id ?? null }, detail?.based_on, false).data?.length;
  const views: View[] = detail ? ["preview", "changes", "health"] : ["preview"];
  return (
    <div className="min-w-0 rounded-xl border border-line bg-surface p-4 lg:sticky lg:top-4 lg:max-h-[calc(100dvh-2rem)] lg:overflow-y-auto">
      <Tabs
        label={texts.view}
        tabs={views.map(
          (one) => [one, one === "health" && found ? <Counted found={found} /> : texts.views[one]] as const,
        )}
        shown={shown}
        onShow={setShown}
      >
        {shown === "preview" && <Preview form={form} />}
        {shown === "changes" && detail && (
          <ContentChanges published={detail.published} form={detail.drafted === "removal" ? null : form} />
        )}
        {shown === "health" && detail && (
          <Health bot={bot} sourceId={sourceId} faqId={detail.faq_id} basedOn={detail.based_on} dirty={dirty} />
        )}
      </Tabs>
    </div>
  );
}

function Counted({ found }: { found: number }) {
  return (
    <>
      {texts.views.health} <Badge look="mark">{found}</Badge>
    </>
  );
}

function Preview({ form }: { form: ContentForm }) {
  const [service, setService] = useState("");
  const answer = form.service_answers.find((one) => one.name === service)?.text || form.content;
  return (
    <section aria-label={texts.previewOf} className="space-y-3">
      {form.service_answers.length > 0 && (
        <SelectField
          label={texts.previewService}
          value={service}
          options={[["", texts.commonAnswer], ...form.service_answers.map((one) => [one.name, one.name] as const)]}
          onChange={setService}
        />
      )}
      {form.title && <p className="font-semibold">{form.title}</p>}
      {answer ? <LazyMarkdown text={answer} /> : <p className="text-muted text-sm">{texts.noPreview}</p>}
    </section>
  );
}
