import { expect, test } from "vitest";
import { type Channel, Checker, CheckFailed } from "../src/lib/client.ts";
import type { Request, Response } from "../src/worker/protocol.ts";
import { starts } from "./sample-report.ts";

/** A worker that answers when it is told to. */
class FakeWorker implements Channel {
  onmessage: Channel["onmessage"] = null;
  onerror: Channel["onerror"] = null;
  requests: Request[] = [];
  ended = false;

  postMessage(request: Request): void {
    this.requests.push(request);
  }
  terminate(): void {
    this.ended = true;
  }
  say(response: Response): void {
    this.onmessage?.({ data: response });
  }
  answer(): void {
    this.say({ id: this.requests.at(-1)!.id, kind: "report", report: starts });
  }
}

function setUp() {
  const workers: FakeWorker[] = [];
  const checker = new Checker(() => {
    workers.push(new FakeWorker());
    return workers.at(-1)!;
  });
  return { workers, checker };
}

const file = (content: string) => [{ path: "Dockerfile", content }];
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a check ends in the worker's report, and the worker stays", async () => {
  const { workers, checker } = setUp();
  const first = checker.check(file("a"), {});
  workers[0]!.answer();
  expect(await first).toBe(starts);
  const second = checker.check(file("b"), {});
  workers[0]!.answer();
  await second;
  expect(workers).toHaveLength(1);
});

test("the answer can be had in another form, of content that the worker has", async () => {
  const { workers, checker } = setUp();
  const first = checker.check(file("a"), {});
  workers[0]!.answer();
  await first;
  const written = checker.format(file("a"), { locale: "ja" }, "markdown");
  const request = workers[0]!.requests.at(-1)!;
  expect(request).toMatchObject({ form: "markdown", options: { locale: "ja" }, files: [{ path: "Dockerfile" }] });
  expect(request.files[0]!.content).toBe(undefined);
  workers[0]!.say({ id: request.id, kind: "text", text: "**so**" });
  expect(await written).toBe("**so**");
});

test("content that the worker has is not sent again", async () => {
  const { workers, checker } = setUp();
  const program = { path: "app", content: new Blob(["x"]) };
  const sent = () => workers[0]!.requests.at(-1)!.files.map((one) => one.content !== undefined);
  const first = checker.check([...file("a"), program], {});
  expect(sent()).toEqual([true, true]);
  workers[0]!.answer();
  await first;
  const second = checker.check([...file("b"), program], {});
  expect(sent()).toEqual([true, false]);
  workers[0]!.answer();
  await second;
});

test("an aborted check rejects at once, and the next one waits for the worker to be free", async () => {
  const { workers, checker } = setUp();
  const abort = new AbortController();
  const first = checker.check(file("a"), {}, { signal: abort.signal });
  abort.abort();
  await expect(first).rejects.toThrow(/abort/i);
  const second = checker.check(file("b"), {});
  workers[0]!.answer();
  await settled();
  workers[0]!.answer();
  expect(await second).toBe(starts);
  expect(workers).toHaveLength(1);
});

test("a worker that does not finish an aborted check is ended", async () => {
  const { workers, checker } = setUp();
  const abort = new AbortController();
  const first = checker.check(file("a"), {}, { signal: abort.signal });
  first.catch(() => {});
  abort.abort();
  const second = checker.check(file("b"), {});
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(workers[0]!.ended).toBe(true);
  workers[1]!.answer();
  expect(await second).toBe(starts);
});

test("a crash rejects the check, and the next one gets a new worker with all contents", async () => {
  const { workers, checker } = setUp();
  const first = checker.check(file("a"), {});
  workers[0]!.onerror?.({ message: "boom" });
  await expect(first).rejects.toThrow(CheckFailed);
  const second = checker.check(file("a"), {});
  expect(workers[1]!.requests[0]!.files[0]!.content).toBe("a");
  workers[1]!.answer();
  await second;
});

test("a core that gave up is not used again", async () => {
  const { workers, checker } = setUp();
  const first = checker.check(file("a"), {});
  workers[0]!.say({ id: 1, kind: "failed", message: "unreachable" });
  await expect(first).rejects.toThrow("unreachable");
  expect(workers[0]!.ended).toBe(true);
});

test("progress is told while it lasts", async () => {
  const { workers, checker } = setUp();
  const heard: number[] = [];
  const check = checker.check(file("a"), {}, { onProgress: (read) => heard.push(read) });
  workers[0]!.say({ id: 1, kind: "progress", read: 5, size: 10 });
  workers[0]!.answer();
  await check;
  expect(heard).toEqual([5]);
});
