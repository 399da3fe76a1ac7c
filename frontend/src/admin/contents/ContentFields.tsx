/** The fields of a content. */
import type { Content } from "../../api/adminTypes";
import { texts } from "../texts/contents";
import { AreaField } from "../ui/AreaField";
import { LinesField } from "../ui/LinesField";
import { Panel } from "../ui/Panel";
import { TextField } from "../ui/TextField";
import type { ContentForm } from "./form";
import { MediaRows } from "./MediaRows";
import { ServiceAnswers } from "./ServiceAnswers";
import { SummaryTitles } from "./SummaryTitles";

interface Props {
  form: ContentForm;
  summaries: Content["summary_titles"];
  serviceTypes: readonly string[];
  categories: readonly string[];
  problems: Record<string, string>;
  editable: boolean;
  onChange: (values: Partial<ContentForm>) => void;
}

export function ContentFields({ form, summaries, serviceTypes, categories, problems, editable, onChange }: Props) {
  return (
    <>
      <Panel title={texts.sections.subjects}>
        <div className="space-y-4">
          <TextField
            label={texts.fields.title}
            problem={problems["title"]}
            value={form.title}
            onChange={(title) => onChange({ title })}
          />
          <LinesField
            label={texts.fields.similar_titles}
            help={texts.help.similar_titles}
            problem={problems["similar_titles"]}
            value={form.similar_titles}
            onChange={(similar_titles) => onChange({ similar_titles })}
          />
          {summaries.length > 0 && (
            <SummaryTitles
              summaries={summaries}
              accepted={form.accepted_summaries}
              onChange={(accepted_summaries) => onChange({ accepted_summaries })}
            />
          )}
        </div>
      </Panel>
      <Panel title={texts.sections.answer}>
        <div className="space-y-4">
          <AreaField
            label={texts.fields.content}
            help={texts.help.content}
            problem={problems["content"]}
            rows={8}
            value={form.content}
            onChange={(content) => onChange({ content })}
          />
          <ServiceAnswers
            answers={form.service_answers}
            types={serviceTypes}
            problem={problems["service_answers"]}
            disabled={!editable}
            onChange={(service_answers) => onChange({ service_answers })}
          />
        </div>
      </Panel>
      <Panel title={texts.sections.period} lead={texts.help.dates}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={texts.fields.effective_on}
            type="date"
            problem={problems["effective_on"]}
            value={form.effective_on}
            onChange={(effective_on) => onChange({ effective_on })}
          />
          <TextField
            label={texts.fields.expires_on}
            type="date"
            problem={problems["expires_on"]}
            value={form.expires_on}
            onChange={(expires_on) => onChange({ expires_on })}
          />
          <TextField
            label={texts.fields.category}
            list="content-categories"
            problem={problems["category"]}
            value={form.category}
            onChange={(category) => onChange({ category })}
          />
          <datalist id="content-categories">
            {categories.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          <LinesField
            label={texts.fields.tags}
            help={texts.help.tags}
            problem={problems["tags"]}
            value={form.tags}
            onChange={(tags) => onChange({ tags })}
          />
        </div>
      </Panel>
      <Panel title={texts.sections.more}>
        <div className="space-y-4">
          <TextField
            label={texts.fields.url}
            help={texts.help.url}
            type="url"
            problem={problems["url"]}
            value={form.url}
            onChange={(url) => onChange({ url })}
          />
          <MediaRows
            media={form.media}
            types={serviceTypes}
            problem={problems["media"]}
            disabled={!editable}
            onChange={(media) => onChange({ media })}
          />
          <LinesField
            label={texts.fields.related_ids}
            help={texts.help.related}
            problem={problems["related_ids"]}
            value={form.related_ids}
            onChange={(related_ids) => onChange({ related_ids })}
          />
        </div>
      </Panel>
    </>
  );
}
