// What processes without schemas know of the protocol's limits: a host starts by the hundred, and zod is a third of it.

/** Records that a host sends ahead of the daemon's acknowledgement; two hundred hosts together fit into its memory. */
export const MAX_UNACKNOWLEDGED_RECORDS = 250;
/** Output that a daemon has not acknowledged, in records, at which its host stops reading the agent. */
export const MAX_AHEAD_RECORDS = 200;
/** Agent output may wait for a synced commit this long, in records: then it is synced and acknowledged too. */
export const MAX_UNSYNCED_RECORDS = 100;
/** The length at the most of what a turn's end repeats of its text, in characters. */
export const MAX_SAID = 4_000;

export const MAX_PLAN_ITEMS = 200;
export const MAX_PLAN_BYTES = 256 * 1024;

export const MAX_QUESTION_BYTES = 64 * 1024;
/** Products give up on a silent tool call after 60 to 300 seconds; the shortest limit seen leaves room for this. */
export const ASK_WAIT_MS = 20_000;

/** A message at the most. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** What lists and events show of a message's text, in characters. */
export const MAX_MESSAGE_SHOWN = 4_000;

/** Rows of a list that are read in one call. */
export const MAX_PAGE = 500;
/** Events of a transcript that are read in one call. */
export const MAX_TRANSCRIPT_PAGE = 5_000;

/** Tasks that are handed over in one call. */
export const MAX_SWEEP_TASKS = 500;

/** What a hook reports of a command line, in characters: enough to know it by. */
export const MAX_HOOK_COMMAND = 80;
/** Any other text in a report of a hook, in characters: the longest path of a system that we run on. */
export const MAX_HOOK_TEXT = 4_096;

/** Who may watch one terminal at once. */
export const MAX_VIEWERS = 32;
/** What a viewer may have to show still: one that is slower skips to the screen as it is. */
export const MAX_UNTAKEN_BYTES = 256 * 1024;
/** What may wait for a program in a terminal that reads nothing. */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** A frame from a viewer at the most; a longer paste comes in several. */
export const MAX_VIEWER_FRAME_BYTES = 64 * 1024;
