/** Reading and writing settings by their place, and what is sent of them. */
import { kept } from "../ui/LinesField";
import { FIELDS, type SettingField } from "./fields";

export type Values = Record<string, unknown>;

/** What stands at a place; nothing where a part of the way is not there. */
export function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), values);
}

/** The same with something else at one place. */
export function withValue(values: Values, path: readonly string[], value: unknown): Values {
  const [name, ...rest] = path;
  if (name === undefined) return values;
  if (rest.length === 0) return { ...values, [name]: value };
  const within = values[name];
  return { ...values, [name]: withValue(isObject(within) ? within : {}, rest, value) };
}

/** A bot as it is sent: lines and rows that say nothing are left out, empty texts are none. */
export function cleaned(bot: Values): Values {
  return FIELDS.reduce((values, field) => {
    if (valueAt(values, field.path.slice(0, -1)) === null) return values; // e.g. no language model
    return cleanedField(values, field);
  }, bot);
}

function cleanedField(values: Values, field: SettingField): Values {
  const value = valueAt(values, field.path);
  switch (field.kind) {
    case "lines":
      return withValue(values, field.path, kept((value as string[] | undefined) ?? []));
    case "rows": {
      const rows = ((value as Values[] | undefined) ?? []).map((row) =>
        field.columns.reduce((one, column) => cleanedField(one, column), row),
      );
      return withValue(
        values,
        field.path,
        rows.filter((row) => Object.values(row).some(says)),
      );
    }
    case "line":
    case "area": {
      const text = typeof value === "string" && value.trim() ? value : null;
      if (field.path[0] !== "replies") return withValue(values, field.path, text);
      return text === null ? without(values, field.path) : withValue(values, field.path, text); // a language less
    }
    case "number":
      return values;
  }
}

function without(values: Values, path: readonly string[]): Values {
  const [above, last = ""] = [path.slice(0, -1), path.at(-1)];
  const { [last]: _, ...rest } = (valueAt(values, above) ?? {}) as Values;
  return withValue(values, above, rest);
}

function says(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
