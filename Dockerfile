# What grading needs, in one image: Python, bubblewrap, the course. docs/containers.md says how to run it.
FROM python:3.12-slim-bookworm AS base
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home --shell /bin/bash cnnlab \
    && mkdir /opt/cnnlab /course \
    && chown 1000:1000 /opt/cnnlab /course
ENV LANG=C.UTF-8
USER 1000

# The course is in /opt/cnnlab; an instructor's folder is mounted at /course, and submissions and points stay there.
FROM base AS grader
WORKDIR /opt/cnnlab
COPY --chown=1000:1000 . .
RUN sh scripts/set-up && rm -rf ~/.cache
WORKDIR /course
ENV HOME=/tmp
ENTRYPOINT ["/opt/cnnlab/.venv/bin/cnnlab"]
CMD ["doctor"]
