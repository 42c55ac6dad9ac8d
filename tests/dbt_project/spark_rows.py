"""Print what tables hold on Spark, for a test in another process: `python -m tests.dbt_project.spark_rows DIRECTORY`.

Standard input is JSON, the columns of each table by its name; standard output is a pickle, the rows of each.
"""

import json
import pickle
import sys

from pyspark.sql import SparkSession


def main() -> None:
    directory = sys.argv[1]
    settings = {
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.warehouse.dir": directory,
        "spark.hadoop.hive.downloaded.resources.dir": f"{directory}/tmp/resources",
        "spark.driver.extraJavaOptions": f'-Dderby.system.home="{directory}" -Djava.io.tmpdir="{directory}/tmp"'
        " -Duser.timezone=UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.session.timeZone": "UTC",
    }
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    found = {
        table: [tuple(row) for row in session.sql(f"select {', '.join(columns)} from analytics.{table}").collect()]
        for table, columns in json.load(sys.stdin).items()
    }
    session.stop()
    pickle.dump(found, sys.stdout.buffer)


if __name__ == "__main__":
    main()
