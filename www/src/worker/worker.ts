// The worker: it answers requests and does nothing else. If it dies, nothing is lost but a moment.
import { answer, prepare } from "./answer.ts";
import type { Request, Response, Start } from "./protocol.ts";

const scope = self as unknown as { onmessage: (event: MessageEvent<Start | Request>) => void; postMessage(response: Response): void };

scope.onmessage = ({ data }) => {
  if ("core" in data) prepare(Promise.resolve(data.core));
  else void answer(data, (response) => scope.postMessage(response));
};
