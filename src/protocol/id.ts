import { z } from "zod";
import { ID_BODY } from "../base/id.ts";

function id<Prefix extends string>(prefix: Prefix) {
  return z.templateLiteral([`${prefix}_`, z.string().regex(new RegExp(`^${ID_BODY}$`))]);
}

export const TaskId = id("tsk");
export type TaskId = z.infer<typeof TaskId>;
export const SessionId = id("ses");
export type SessionId = z.infer<typeof SessionId>;
export const WorkspaceId = id("wks");
export type WorkspaceId = z.infer<typeof WorkspaceId>;
export const QuestionId = id("qst");
export type QuestionId = z.infer<typeof QuestionId>;
export const ApprovalId = id("apr");
export type ApprovalId = z.infer<typeof ApprovalId>;
export const FlagId = id("flg");
export type FlagId = z.infer<typeof FlagId>;
export const CommandId = id("cmd");
export type CommandId = z.infer<typeof CommandId>;
export const SweepId = id("swp");
export type SweepId = z.infer<typeof SweepId>;
export const ScheduleId = id("sch");
export type ScheduleId = z.infer<typeof ScheduleId>;
export const WebhookId = id("whk");
export type WebhookId = z.infer<typeof WebhookId>;
export const MergeId = id("mrg");
export type MergeId = z.infer<typeof MergeId>;
export const MessageId = id("msg");
export type MessageId = z.infer<typeof MessageId>;
export const RuleId = id("rul");
export type RuleId = z.infer<typeof RuleId>;
