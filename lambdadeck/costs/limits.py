"""Units, allowances and limits of AWS that the bills use."""

HOURS_A_MONTH = 730  # 365 * 24 / 12: the month of the AWS pricing calculator
HOURS_OF_LONGEST_MONTH = 744
SECONDS_A_MONTH = HOURS_A_MONTH * 3600
FREE_REQUESTS = 1e6  # a month (AWS Lambda pricing page)
FREE_GB_SECONDS = 400_000.0  # a month (AWS Lambda pricing page)
FREE_EPHEMERAL_MB = 512.0  # included in every function (AWS Lambda pricing page)
MEMORY_MB = (128.0, 10_240.0)  # least and most (Lambda quotas, AWS developer guide)
MOST_MS = 910_000.0  # billed: 15 minutes, and 10 s of INIT (Lambda quotas)
MOST_EPHEMERAL_MB = 10_240.0  # (Lambda quotas)
FULL_VCPU_MB = 1769.0  # the memory at which a function has one vCPU (AWS Lambda developer guide)
LCU_CONNECTIONS = 25.0 * 3600  # new connections in an LCU-hour (Elastic Load Balancing pricing)
