"""CPU credits of burstable instances in unlimited mode, hour by hour."""

import numpy as np

from lambdadeck.costs.arithmetic import Floats

_HOURS_KEPT = 24  # an instance keeps, and may owe, what it earns in 24 hours (EC2 User Guide)


def surplus_vcpu_hours(used: Floats, instances: Floats, baseline: Floats) -> Floats:
    """Return the vCPU-hours that burstable fleets are charged for: a row a fleet, a column an hour.

    `used` and `baseline` (of an instance) are vCPUs. A fleet starts without credits. What it owes
    beyond 24 hours of earnings is charged in that hour, the rest as instances go, and at the end.
    Instances of a fleet share its credits; those that go take theirs with them.
    """
    earned = instances * baseline[:, None]
    most, gained = earned * _HOURS_KEPT, earned - used
    gone = np.maximum(1 - instances[:, 1:] / instances[:, :-1], 0)
    gone = np.concatenate([np.zeros((len(used), 1)), gone], axis=1)
    left, kept = np.empty((2, *used.T.shape))
    balance = np.zeros(len(used))  # below zero it is owed
    for hour, (share, gain, limit) in enumerate(zip(gone.T, gained.T, most.T, strict=True)):
        np.multiply(balance, share, out=left[hour])
        np.add(balance - left[hour], gain, out=kept[hour])
        balance = np.minimum(np.maximum(kept[hour], -limit), limit)
    charged: Floats = np.maximum(-left.T, 0) + np.maximum(-most - kept.T, 0)
    charged[:, -1] += np.maximum(-balance, 0)
    return charged
