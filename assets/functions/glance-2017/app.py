import os
import platform


def lambda_handler(event, context):
    print(os.name)
    print(platform.platform())
    print(platform.machine())
