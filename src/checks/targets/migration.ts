/** What each device asks, judged against every service that could take its mail. */
import type { DemandingDevice, DemandView } from '../../queries/usage/views/device-demand.ts';
import { type Judgement, judgeAll, type Recommendation, recommend } from './judgement.ts';
import { TARGETS, type Target } from './limits.ts';

export interface MigratingDevice extends DemandingDevice {
  /** One for each target, in their order. */
  readonly judgements: readonly Judgement[];
  readonly recommended: Recommendation;
}

export interface Migration extends Omit<DemandView, 'devices'> {
  readonly devices: readonly MigratingDevice[];
  /** With their limits, and where those stand. */
  readonly targets: readonly Target[];
}

export function migration(view: DemandView): Migration {
  const devices = view.devices.map((device): MigratingDevice => {
    const judgements = judgeAll(device.demand);
    return { ...device, judgements, recommended: recommend(device.demand, judgements) };
  });
  return { ...view, devices, targets: TARGETS };
}
