import os
import platform
import sys

def lambda_handler(event, context):
    print(os.name)
    print(platform.platform())
    print(platform.machine())
