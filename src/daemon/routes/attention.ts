import { listOpenApprovals } from "../../store/approval.ts";
import { listOpenFlags } from "../../store/flag.ts";
import { listHeldMessages } from "../../store/message.ts";
import { listOpenQuestions } from "../../store/question.ts";
import type { Handlers } from "./handler.ts";

export const attentionHandlers: Pick<Handlers, "getAttention"> = {
  getAttention(_, { ledger: { db } }) {
    return {
      questions: listOpenQuestions(db),
      approvals: listOpenApprovals(db),
      flags: listOpenFlags(db),
      messages: listHeldMessages(db),
    };
  },
};
