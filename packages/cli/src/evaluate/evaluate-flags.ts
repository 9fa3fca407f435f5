import type { GuardFlags, ModelFlags } from "../options/model-options.ts";
import type { TrafficFlags } from "../options/traffic-options.ts";

export interface EvaluateFlags extends ModelFlags, GuardFlags, TrafficFlags {
  trigger?: string[];
  triggerFile?: string;
  control?: string;
  beside?: string[];
  simpler?: boolean;
  sae?: string;
  reading?: string;
  limit?: number;
  attack?: number;
  predict?: number;
  work?: string;
}
