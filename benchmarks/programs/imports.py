"""Start-up of a script that imports thirty modules of the standard library, and nothing else.

What it measures: code that runs once. Nothing gets hot, so a JIT can only lose here: by the sites it adds to the code and by
counting.
"""

KIND = "whole"
SCALE = 30

import argparse
import ast
import asyncio
import calendar
import collections
import configparser
import contextlib
import csv
import dataclasses
import datetime
import decimal
import difflib
import email.message
import fractions
import html.parser
import inspect
import json
import logging
import pathlib
import pickle
import pprint
import shutil
import statistics
import subprocess
import tempfile
import textwrap
import tomllib
import typing
import unittest
import zipfile

MODULES = [
    argparse, ast, asyncio, calendar, collections, configparser, contextlib, csv, dataclasses, datetime, decimal, difflib,
    email.message, fractions, html.parser, inspect, json, logging, pathlib, pickle, pprint, shutil, statistics, subprocess,
    tempfile, textwrap, tomllib, typing, unittest, zipfile,
]
print(len(MODULES), ",".join(sorted(module.__name__ for module in MODULES)))
