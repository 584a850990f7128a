export type * from "../../../src/report/report.js";
