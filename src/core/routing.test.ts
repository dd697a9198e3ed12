import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Destination, Receiver, Place, Routable } from "./destination.ts";
import { nameOf } from "./name-fit.ts";
import { placesCalled, routeByName, routeByPath, type Routing } from "./routing.ts";

const NOW = 1_800_000_000_000;
const HOUR = 60 * 60 * 1_000;

interface Known {
  /** Folders below `/w`, a repository each. */
  places?: readonly string[];
  /** Sessions by their ids. */
  sessions?: Readonly<Record<string, Partial<Talker>>>;
}

interface Talker {
  in: string;
  /** The top of the repository, where `in` is only a part of it. */
  of: string;
  name: string;
  task: string;
  about: string;
  outside: true;
  hoursAgo: number;
}

function world({ places = [], sessions = {} }: Known): Routable {
  const receivers = Object.entries(sessions).map(([id, talker]) => receiverOf(id, talker));
  const usedAt = new Map<string, number>();
  for (const { path, usedAt: at } of receivers) usedAt.set(path, Math.max(at, usedAt.get(path) ?? 0));
  const paths = new Set([...places.map((name) => `/w/${name}`), ...receivers.map(({ path }) => path)]);
  return {
    places: new Map([...paths].map((path) => [path, placeOf(path, usedAt.get(path) ?? null)])),
    receivers,
  };
}

function placeOf(path: string, usedAt: number | null = null): Place {
  return { path, names: [nameOf(path.slice(path.lastIndexOf("/") + 1))], trail: nameOf(path), usedAt };
}

function receiverOf(
  id: string,
  { in: place = "api", of, name, task, about = "", outside, hoursAgo = 0 }: Partial<Talker>,
): Receiver {
  const own = name ?? task;
  return {
    id: `ses_${id}`,
    task: task === undefined ? null : `tsk_${id}`,
    names: own === undefined ? [] : [nameOf(own)],
    about: nameOf([about, own, place].join(" ")).words,
    path: `/w/${place}`,
    isOutside: outside === true,
    repository: of === undefined ? null : `/w/${of}`,
    usedAt: NOW - hoursAgo * HOUR,
  };
}

/** In a word: `ses_…`, `first <place>`, `? a | b`, or `nothing`, with what is suggested. */
function said(routing: Routing): string {
  switch (routing.kind) {
    case "found":
      return shown(routing.to);
    case "ambiguous":
      return `? ${routing.ranked.slice(0, routing.among).map(shown).toSorted().join(" | ")}`;
    case "nothing":
      return ["nothing", ...routing.suggestions].join(" ");
  }
}

function shown({ receiver, place }: Destination): string {
  return receiver?.id ?? `first ${place.path.slice("/w/".length)}`;
}

function means(query: string, known: Known): string {
  return said(routeByName(query, world(known), NOW));
}

const REPOSITORIES: Known = {
  places: [
    "api",
    "api-client",
    "api_server",
    "mobile-app",
    "webApp",
    "Billing Service",
    "café",
    "docs.site",
    "2048",
    "プロジェクト",
    "old/shop",
    "new/shop",
    "constructor",
    "a",
  ],
};

describe("of repositories that have no session", () => {
  test.each([
    // as it is called
    ["api", "first api"],
    ["API", "first api"],
    [" api ", "first api"],
    ["api-client", "first api-client"],
    ["api_client", "first api-client"],
    ["apiclient", "first api-client"],
    ["api client", "first api-client"],
    ["ApiClient", "first api-client"],
    ["api-server", "first api_server"],
    ["webapp", "first webApp"],
    ["web app", "first webApp"],
    ["billing service", "first Billing Service"],
    ["cafe", "first café"],
    ["CAFÉ", "first café"],
    ["docs.site", "first docs.site"],
    ["2048", "first 2048"],
    ["プロジェクト", "first プロジェクト"],
    ["a", "first a"],
    ["constructor", "first constructor"],
    // by a part of its name
    ["client", "first api-client"],
    ["server", "first api_server"],
    ["mobile", "first mobile-app"],
    ["site docs", "first docs.site"],
    ["mob", "first mobile-app"],
    ["bill", "first Billing Service"],
    ["bil serv", "first Billing Service"],
    ["vice", "first Billing Service"],
    ["プロ", "first プロジェクト"],
    // misspelled
    ["moble-app", "first mobile-app"],
    ["mobiel-app", "first mobile-app"],
    ["mobile-apps", "first mobile-app"],
    ["api-cleint", "first api-client"],
    ["api-cliemt", "first api-client"],
    ["cleint", "first api-client"],
    ["billing servcie", "first Billing Service"],
    ["biling-servise", "first Billing Service"],
    ["docs-sit", "first docs.site"],
    // by where it is
    ["old/shop", "first old/shop"],
    ["new shop", "first new/shop"],
    ["w/new/shop", "first new/shop"],
    // several that are as likely
    ["shop", "? first new/shop | first old/shop"],
    ["app", "? first mobile-app | first webApp"],
    ["ap", "? first api | first api-client | first api_server | first mobile-app | first webApp"],
    ["serv", "? first Billing Service | first api_server"],
    ["shp", "nothing shop"],
    ["shopp", "? first new/shop | first old/shop"],
    // in a sentence
    ["api: check the failing migration", "first api"],
    ["look at the mobile app please", "first mobile-app"],
    ["fix the build of api-client", "first api-client"],
    ["the api client and its api", "? first api | first api-client"],
    ["from api-client to api_server", "? first api-client | first api_server"],
    ["client: what of the build?", "first api-client"],
    ["what of api's tests?", "first api"],
    ["api cleint", "? first api | first api-client"],
    ["api-cleint is broken", "nothing api"],
    // nobody
    ["payments", "nothing"],
    ["xyz", "nothing"],
    ["b", "nothing Billing Service mobile-app webApp"],
    ["!?", "nothing"],
    ["...", "nothing"],
    ["the", "nothing"],
    ["__proto__", "nothing"],
    ["aip", "nothing api"],
    // hostile
    ["api; rm -rf /", "first api"],
    ["$(api)", "first api"],
    ["../../etc/passwd", "nothing"],
    ["\u001b[31mapi\u001b[0m", "nothing api"],
    ["a".repeat(500), "nothing"],
    ["api\0client", "first api-client"],
    ["\ud800", "nothing"],
    ["(".repeat(200), "nothing"],
  ])("%p means %s", (query, expected) => {
    expect(means(query, REPOSITORIES)).toBe(expected);
  });
});

const AT_WORK: Known = {
  places: ["api", "api-client", "web", "shop", "old/shop", "ledger"],
  sessions: {
    api: { in: "api", hoursAgo: 2 },
    flaky: { in: "api", name: "flaky tests" },
    webtests: { in: "web", name: "tests" },
    webmine: { in: "web" },
    weblog: { in: "web", name: "web" },
    fix: { in: "api", task: "fix-login", about: "Fix the login of invited users" },
    sum: { in: "ledger", task: "sum-it", about: "Sum up the invoices of May" },
    ledger2: { in: "ledger", task: "ledger-2", about: "Move the ledger to a new table" },
    sub: { in: "shop/packages/cart", of: "shop" },
    old: { in: "old/shop", hoursAgo: 100 },
    auth: { in: "app", name: "auth", about: "Review how sessions expire, and the cookies" },
    other: { in: "app", name: "colours", about: "Dark colours for the settings page" },
    note1: { in: "notes", hoursAgo: 0 },
    note2: { in: "notes", hoursAgo: 0 },
    plan1: { in: "plans", hoursAgo: 0 },
    plan2: { in: "plans", hoursAgo: 30 },
  },
};

describe("of sessions and tasks", () => {
  test.each([
    // a repository: its own session, and of those the one without a name
    ["api", "ses_api"],
    ["Api", "ses_api"],
    ["api-client", "first api-client"],
    ["client", "first api-client"],
    ["old/shop", "ses_old"],
    ["packages/cart", "ses_sub"],
    ["cart", "ses_sub"],
    ["shop", "? ses_old | ses_sub"],
    ["notes", "? ses_note1 | ses_note2"],
    ["plans", "ses_plan1"],
    ["app", "? ses_auth | ses_other"],
    // a name of its own, or a task's
    ["flaky tests", "ses_flaky"],
    ["flaky", "ses_flaky"],
    ["flakey-tests", "ses_flaky"],
    ["tests", "ses_webtests"],
    ["fix-login", "ses_fix"],
    ["fix login", "ses_fix"],
    ["login", "ses_fix"],
    ["fix-lgoin", "ses_fix"],
    ["auth", "ses_auth"],
    ["web", "ses_weblog"],
    // a repository whose only session is a task's gets its own
    ["ledger", "first ledger"],
    ["sum-it", "ses_sum"],
    ["ledger-2", "ses_ledger2"],
    // both
    ["the tests in web", "ses_webtests"],
    ["web: the tests", "ses_webtests"],
    ["api: the login of invited users", "ses_fix"],
    ["api: something else", "ses_api"],
    ["api and web", "? ses_api | ses_weblog"],
    // what it is about
    ["cookies that expire", "ses_auth"],
    ["dark settings", "ses_other"],
    ["invited users", "ses_fix"],
    ["the invoice of may", "ses_sum"],
    ["sessions of a page", "nothing"],
    ["expire immediately without warning anybody", "nothing"],
    // its id
    ["ses_flaky", "ses_flaky"],
    ["tsk_fix", "ses_fix"],
    ["ses_webt", "ses_webtests"],
    ["ses_note", "? ses_note1 | ses_note2"],
    ["ses_nobody", "nothing"],
  ])("%p means %s", (query, expected) => {
    expect(means(query, AT_WORK)).toBe(expected);
  });

  test("a task that is called like a repository with a session is asked about", () => {
    const sessions = { api: { in: "api" }, task: { in: "api", task: "api" } };
    expect(means("api", { sessions })).toBe("? ses_api | ses_task");
    expect(means("api", { sessions: { ...sessions, task: { in: "web", task: "api" } } })).toBe(
      "? ses_api | ses_task",
    );
  });

  test("one that was started outside is meant where there is no other", () => {
    const outside = { in: "api", outside: true } as const;
    expect(means("api", { sessions: { outside } })).toBe("ses_outside");
    expect(means("api", { sessions: { outside, ours: { in: "api" } } })).toBe("ses_ours");
  });

  test("use decides between repositories of one name, and never between two names", () => {
    const used = { in: "old/shop", task: "any" };
    expect(means("shop", { places: ["new/shop", "old/shop"], sessions: { used } })).toBe("first old/shop");
    const sessions = { a: { in: "api-client" } };
    expect(means("api", { places: ["api-server"], sessions })).toBe("? first api-server | ses_a");
  });

  test("a place is called by its name or the end of its path alone, and nothing is guessed", () => {
    const called = (text: string) =>
      placesCalled(text, world(REPOSITORIES).places.values()).map(({ path }) => path.slice("/w/".length));
    expect(called("api_client")).toEqual(["api-client"]);
    expect(called("shop").toSorted()).toEqual(["new/shop", "old/shop"]);
    expect(called("old/shop")).toEqual(["old/shop"]);
    for (const text of ["client", "api-cleint", "api: x", "look at api", ""])
      expect(called(text)).toEqual([]);
  });

  test("a path means its own session, else that of the folder that holds it, else a first one there", () => {
    const known = world(AT_WORK);
    const at = (...paths: string[]) =>
      said(
        routeByPath(
          paths.map((path) => placeOf(`/w/${path}`)),
          known,
          NOW,
        ),
      );
    expect(at("api")).toBe("ses_api");
    expect(at("api/src", "api")).toBe("ses_api");
    expect(at("shop/packages/cart", "shop")).toBe("ses_sub");
    expect(at("shop")).toBe("ses_sub");
    expect(at("shop/packages/till", "shop")).toBe("ses_sub");
    expect(at("elsewhere/deep", "elsewhere")).toBe("first elsewhere/deep");
    expect(at("notes")).toBe("? ses_note1 | ses_note2");
  });

  test("says what spoke for it, in points that add up", () => {
    const { ranked } = routeByName("api", world(AT_WORK), NOW);
    expect(ranked[0]).toMatchObject({
      fit: 100,
      lean: 45,
      because: [
        { points: 100, what: "the repository is called that" },
        { points: 20, what: "it is the one without a name" },
        { points: 10, what: "it works at the top" },
        { points: 10, what: "it is run by Dispatch" },
        { points: 5, what: "used within a day" },
      ],
    });
    for (const { fit, lean, because } of ranked)
      expect(because.reduce((sum, { points }) => sum + points, 0)).toBe(fit + lean);
  });
});

describe("whatever there is", () => {
  const word = fc.constantFrom("api", "client", "web", "fix", "tests", "login", "shop", "v2");
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join("-"));
  const talker = fc.record(
    { in: name, name, task: name, about: name, hoursAgo: fc.nat({ max: 50 }) },
    { requiredKeys: ["in"] },
  );
  const known = fc.record({
    places: fc.uniqueArray(name, { maxLength: 8 }),
    sessions: fc
      .uniqueArray(talker, { maxLength: 8, selector: (each) => JSON.stringify(each) })
      .map((all) => Object.fromEntries(all.map((each, at) => [String(at), each]))),
  });
  const query = fc.oneof(
    name,
    fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" ")),
    fc.tuple(name, name).map(([head, rest]) => `${head}: ${rest}`),
    fc.string({ unit: "binary", maxLength: 40 }),
  );

  test("the same is said again, and in any order", () => {
    fc.assert(
      fc.property(query, known, fc.func(fc.nat()), (text, all, place) => {
        const { places, receivers } = world(all);
        const shuffle = <T>(each: Iterable<T>) =>
          [...each]
            .map((one, at) => ({ one, key: place(at) }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
        const other = { places: new Map(shuffle(places)), receivers: shuffle(receivers) };
        const first = routeByName(text, { places, receivers }, NOW);
        expect(routeByName(text, { places, receivers }, NOW)).toEqual(first);
        expect(routeByName(text, other, NOW)).toEqual(first);
      }),
    );
  });

  test("what has nothing to do with it changes nothing", () => {
    const stranger = { in: "zzz/quux", name: "xyzzy", about: "plugh frotz", hoursAgo: 0 };
    fc.assert(
      fc.property(query, known, (text, all) => {
        fc.pre(!/[zxpq]/i.test(text));
        const more = { ...all, sessions: { ...all.sessions, stranger } };
        const [before, after] = [means(text, all), means(text, more)];
        if (!before.startsWith("nothing")) expect(after).toBe(before);
        else expect(after).toStartWith("nothing");
      }),
    );
  });

  test("a name that only one has means that one, or is asked about, and never anybody else", () => {
    fc.assert(
      fc.property(name, known, (own, all) => {
        const rest = Object.fromEntries(
          Object.entries(all.sessions).filter(
            ([, each]) => (each.name ?? each.task) !== own && each.in !== own,
          ),
        );
        const others = { places: all.places.filter((path) => path !== own), sessions: rest };
        expect(means(own, { ...others, places: [...others.places, own] })).toBe(`first ${own}`);
        const named = { in: "quux", name: own };
        expect(means(own, { ...others, sessions: { ...rest, named } })).toBe("ses_named");
        const task = { in: "quux", task: own };
        expect(means(own, { ...others, sessions: { ...rest, task } })).toBe("ses_task");
      }),
    );
  });

  test("a letter swapped in a name still means it, or is asked about", () => {
    fc.assert(
      fc.property(name, fc.nat(), (own, at) => {
        fc.pre(own.length >= 6);
        const place = at % (own.length - 1);
        const typed = own.slice(0, place) + own[place + 1]! + own[place]! + own.slice(place + 2);
        expect(means(typed, { places: [own, "zzzzzz"] })).toBe(`first ${own}`);
      }),
    );
  });
});
