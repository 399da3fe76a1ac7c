/** The types of the operators' API under short names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type AdminKey = Schemas["AdminKey"];
export type ApiKey = Schemas["ApiKey"];
export type AuditEntry = Schemas["AuditEntry"];
export type Bot = Schemas["Bot"];
export type BotDetail = Schemas["BotDetail"];
export type BotLine = Schemas["BotLine"];
export type BotRehearsal = Schemas["BotRehearsal"];
export type Content = Schemas["Content"];
export type ContentDetail = Schemas["ContentDetail"];
export type ContentFigures = Schemas["ContentFigures"];
export type ContentLine = Schemas["ContentLine"];
export type DayFigures = Schemas["DayFigures"];
export type Difference = Schemas["shared__differences__Difference"];
export type Evaluation = Schemas["Evaluation"];
export type Figures = Schemas["Figures"];
export type Finding = Schemas["Finding"];
export type GoldenQuestion = Schemas["GoldenQuestion"];
export type HistoryRow = Schemas["HistoryRow"];
export type HistoryTurn = Schemas["HistoryTurn"];
export type HttpSource = Schemas["HttpSource"];
export type Insights = Schemas["Insights"];
export type Me = Schemas["Me"];
export type Role = Me["role"];
export type Surge = Schemas["Surge"];
export type Trial = Schemas["Trial"];
export type TriedSearch = Schemas["TriedSearch"];
export type VectorSource = Schemas["VectorSource"];
export type Why = Schemas["Why"];
export type Worked = Schemas["Worked"];
