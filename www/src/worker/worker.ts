// The worker: it answers requests and does nothing else. If it dies, nothing is lost but a moment.
import { answer, prepare } from "./answer.ts";
import type { Request, Response } from "./protocol.ts";

const scope = self as unknown as { onmessage: (event: MessageEvent<Request>) => void; postMessage(response: Response): void };
scope.onmessage = (event) => void answer(event.data, (response) => scope.postMessage(response));

// The first request finds the core ready; should it fail to come, that request says so.
prepare().catch(() => {});
