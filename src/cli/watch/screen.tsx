import { Box, Text, useInput, useStdout } from "ink";
import { useEffect, useInsertionEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Look } from "../output.ts";
import { countOf, ofTask, outsideTasks } from "./attention-list.ts";
import { type Asked, askedOf, NOTHING_ASKED } from "./asked.ts";
import type { Board, Picture } from "./board.ts";
import { type Controls, type Entry, KEYS, PROMPTS, READING_KEYS, type ShownAsked } from "./controls.ts";
import {
  clip,
  headLines,
  type Layout,
  layoutOf,
  MIN_ROWS,
  taskHead,
  taskLine,
  windowOf,
  wrap,
} from "./layout.ts";

/** Ages are written anew this often, in milliseconds. */
const CLOCK_MS = 1_000;

/** The whole screen: the list of tasks, the selected one, and a foot for keys, typing and what became of it. */
export function Screen({ board, controls, look }: { board: Board; controls: Controls; look: Look }) {
  const picture = useSyncExternalStore(board.subscribe, board.picture);
  const entry = useSyncExternalStore(controls.subscribe, controls.entry);
  const now = useClock();
  const layout = layoutOf(useSize(), picture.tasks.length);
  const columns = entry.top === null ? layout.taskColumns : layout.columns;
  const asked = useAsked(picture, look, columns);
  const page = pageOf(asked, entry.top, layout);
  const head = headLines(picture.selected, asked, { look, columns, now, rows: layout.taskRows });
  const shown = page ?? { from: 0, to: layout.rows < MIN_ROWS ? 0 : head.asked };
  useInsertionEffect(() => controls.show(shownOf(asked, shown, { columns, page: layout.askedRows })));
  useInput((input, key) => controls.press(input, key, layout.taskRows));
  const part = { picture, layout, look, now };
  return (
    <Box flexDirection="column" width={layout.columns} height={layout.rows - 1}>
      {page ? (
        <AskedPage {...part} rows={asked.rows} page={page} />
      ) : (
        <>
          <Text wrap="truncate">{headOf(picture, look, layout.columns)}</Text>
          <Box flexDirection={layout.wide ? "row" : "column"} columnGap={3} rowGap={1}>
            <TaskList {...part} />
            <TaskPane {...part} head={head.lines} scroll={entry.scroll} />
          </Box>
        </>
      )}
      <Box flexGrow={1} />
      <Text wrap="truncate">
        {footOf(picture, entry, look, { columns: layout.columns, isReading: page !== null })}
      </Text>
    </Box>
  );
}

/** What the selected task asks; the same rows while neither that nor the width changes. */
function useAsked({ selected, attention }: Picture, look: Look, columns: number): Asked {
  return useMemo(
    () => (selected ? askedOf(selected, attention, { look, columns }) : NOTHING_ASKED),
    [selected, attention, look, columns],
  );
}

/** Rows of what is asked. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** The rows that have the whole screen; null while they are not read. */
function pageOf({ rows }: Asked, top: number | null, { askedRows }: Layout): Rows | null {
  if (top === null || rows.length === 0) return null;
  const from = Math.max(0, Math.min(top, rows.length - askedRows));
  return { from, to: Math.min(rows.length, from + askedRows) };
}

function shownOf(
  { rows, call }: Asked,
  { from, to }: Rows,
  { columns, page }: { columns: number; page: number },
): ShownAsked {
  return {
    rows: rows.length,
    page,
    call: call && { ...call, columns, from, to: Math.min(to, call.rows) },
  };
}

interface Part {
  readonly picture: Picture;
  readonly layout: Layout;
  readonly look: Look;
  readonly now: number;
}

function TaskList({ picture, layout, look, now }: Part) {
  const { tasks, selected, attention } = picture;
  if (tasks.length === 0)
    return <Text>{clip('Nothing runs. Hand over a task: dispatch run "…"', layout.listColumns)}</Text>;
  const at = tasks.findIndex(({ id }) => id === selected?.id);
  const { from, to } = windowOf(tasks.length, at, layout.listRows);
  return (
    <Box flexDirection="column" width={layout.listColumns} height={layout.listRows}>
      {tasks.slice(from, to).map((task) => {
        const waits = countOf(ofTask(attention, task.id)) > 0;
        const text = taskLine(task, waits, { look, columns: layout.listColumns - 2, now });
        return (
          <Text key={task.id} inverse={task.id === selected?.id} wrap="truncate">
            {task.id === selected?.id ? `> ${text}` : `  ${text}`}
          </Text>
        );
      })}
    </Box>
  );
}

function TaskPane({
  picture,
  layout,
  look,
  head,
  scroll,
}: Part & { head: readonly string[]; scroll: number }) {
  const { selected, lines } = picture;
  if (!selected) return null;
  const columns = layout.taskColumns;
  const room = layout.taskRows - head.length - 1;
  const shown = scroll > 0 ? lines.slice(0, Math.max(1, lines.length - scroll)) : lines;
  const rule = look.dim(clip(`── ${picture.pane} ${"─".repeat(columns)}`, columns));
  return (
    <Box flexDirection="column" width={columns} height={layout.taskRows}>
      <Lines of={[...head, ...(room > 0 ? [rule, ...wrap(shown, columns, room)] : [])]} />
    </Box>
  );
}

/** A page of what is asked, with the whole screen to it, and where in it that is. */
function AskedPage({
  picture,
  layout,
  look,
  now,
  rows,
  page,
}: Part & { rows: readonly string[]; page: Rows }) {
  const { selected } = picture;
  if (!selected) return null;
  const left = rows.length - page.to;
  const place = `── rows ${page.from + 1} to ${page.to} of ${rows.length}${left > 0 ? `, ${left} more below: space` : ", the end"} ──`;
  return (
    <>
      <Text wrap="truncate">{taskHead(selected, { look, columns: layout.columns, now })}</Text>
      <Box flexDirection="column" height={layout.askedRows}>
        <Lines of={rows.slice(page.from, page.to)} />
      </Box>
      <Text wrap="truncate">{look.colour("yellow", clip(place, layout.columns))}</Text>
    </>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  return of.map((text, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- rows of a screen have no other identity
    <Text key={at} wrap="truncate">
      {text === "" ? " " : text}
    </Text>
  ));
}

function headOf({ tasks, attention }: Picture, look: Look, columns: number): string {
  const waiting = countOf(attention);
  const working = tasks.filter(({ status }) => status.state === "working").length;
  const queued = tasks.filter(({ status }) => status.state === "submitted").length;
  const outside = countOf(outsideTasks(attention));
  const where = outside === 0 ? "" : `, ${outside} in sessions: dispatch inbox`;
  const needs = waiting === 0 ? "nothing needs you" : look.colour("yellow", `${waiting} need you${where}`);
  return clip(`${look.bold("dispatch")}  ${working} working, ${queued} queued, ${needs}`, columns);
}

function footOf(
  { said }: Picture,
  { asking, text }: Entry,
  look: Look,
  { columns, isReading }: { columns: number; isReading: boolean },
): string {
  if (asking) return tailOf(`${PROMPTS[asking]}${text}█`, columns);
  if (said) return clip(look.colour(said.failed ? "red" : "green", said.text), columns);
  return look.dim(clip(isReading ? READING_KEYS : KEYS, columns));
}

/** The end of what is typed, where the cursor is. */
function tailOf(text: string, columns: number): string {
  return wrap([text], columns, 1)[0]!;
}

function useSize(): { columns: number; rows: number } {
  const { stdout } = useStdout();
  const [size, setSize] = useState({ columns: stdout.columns, rows: stdout.rows });
  useEffect(() => {
    const resized = () => setSize({ columns: stdout.columns, rows: stdout.rows });
    stdout.on("resize", resized);
    return () => void stdout.off("resize", resized);
  }, [stdout]);
  return size;
}

function useClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
