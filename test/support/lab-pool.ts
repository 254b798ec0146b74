// Labs are set up once for each kind (some tens of milliseconds) and used again, unless connections outlive a scenario.

import { Lab, type LabOptions } from './net/lab.ts';
import { labOptions, type Scenario } from './scenario.ts';

export class LabPool {
  private readonly labs = new Map<string, Lab>();

  /** Runs `action` in a lab for the scenario. */
  with<Result>(scenario: Scenario, action: (lab: Lab) => Result): Result {
    const options = labOptions(scenario);
    if (!scenario.flows) return action(this.shared(options));
    const lab = new Lab(options);
    try {
      return action(lab);
    } finally {
      lab.close();
    }
  }

  private shared(options: LabOptions): Lab {
    const key = JSON.stringify(options);
    const lab = this.labs.get(key) ?? new Lab(options);
    this.labs.set(key, lab);
    return lab;
  }

  close(): void {
    for (const lab of this.labs.values()) lab.close();
    this.labs.clear();
  }
}
